"""The inboxes of the portals: what was told to the person, also by mail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from notifications import selectors as notification_selectors
from notifications import services as notification_services
from portals.shared.htmx import redirect_page
from portals.shared.numbers import number_of

PAGE = 50


def inbox_context(request: HttpRequest, *, open_url: str) -> dict[str, Any]:
    """Return a page of the reader's messages for `shared/components/inbox_list.html`."""
    user: Any = request.user
    before = number_of(request.GET.get("cursor", ""))
    found = notification_selectors.inbox_list(user=user, before=before, limit=PAGE + 1)
    return {
        "messages_shown": found[:PAGE],
        "next_cursor": str(found[PAGE - 1].pk) if len(found) > PAGE else "",
        "is_later_page": before is not None,
        "open_url": open_url,
    }


def inbox_act(request: HttpRequest, *, back_to: str) -> HttpResponse:
    """Mark one message as read and go to what it is about, or mark all as read. Raises: NotificationNotFound."""
    user: Any = request.user
    wanted = request.POST.get("message", "")
    if not wanted:
        notification_services.inbox_mark_read(user=user, now=timezone.now())
        return redirect_page(request, back_to)
    return inbox_open(request, number_of(wanted) or 0, back_to=back_to)


def inbox_open(request: HttpRequest, number: int, *, back_to: str) -> HttpResponse:
    """Mark one message as read and go to what it is about. Raises: NotificationNotFound."""
    user: Any = request.user
    link = notification_selectors.inbox_get(user=user, notification_id=number).link
    notification_services.inbox_mark_read(user=user, now=timezone.now(), notification_id=number)
    is_ours = bool(link) and url_has_allowed_host_and_scheme(
        link, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect_page(request, link if is_ours else back_to)
