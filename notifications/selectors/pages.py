"""Pages of messages, by key."""

from django.db.models import Q, QuerySet

from notifications.models import Notification

PAGE = 50


def page_of(rows: QuerySet[Notification], *, before: int | None, limit: int) -> list[Notification]:
    """Return the latest messages first, from behind the one with the id `before` on."""
    if before is not None:
        mark = Notification.objects.filter(pk=before).values_list("created_at", "pk").first()
        if mark is None:
            return []
        rows = rows.filter(Q(created_at__lt=mark[0]) | Q(created_at=mark[0], pk__lt=mark[1]))
    return list(rows.order_by("-created_at", "-pk")[:limit])
