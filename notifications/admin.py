"""Staff screens: the queue, read-only, with actions that call the services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from common.errors import DomainError
from notifications import services, tasks
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ModelAdmin):
    """The message queue."""

    list_display = ["created_at", "template", "address", "subject", "status", "attempts", "due_at", "sent_at"]
    list_filter = ["status", "template"]
    search_fields = ["address", "subject", "dedupe_key", "message_id"]
    list_select_related = ["receiver"]
    ordering = ["-created_at", "-pk"]
    show_full_result_count = False
    list_per_page = 50
    actions = ["retry", "cancel", "mark_sent"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Messages come from events alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """States change through the actions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was told stays on record."""
        return False

    @admin.action(description="Retry now", permissions=["view"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        """Make the chosen messages due now."""
        self._each(request, queryset, services.notification_retry, done="due again")
        tasks.send_soon()

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        """Keep the chosen messages from being sent."""
        self._each(request, queryset, services.notification_cancel, done="cancelled")

    @admin.action(description="Mark as sent", permissions=["view"])
    def mark_sent(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        """Record that the receivers were told by other means."""
        self._each(request, queryset, services.notification_mark_sent, done="marked as sent")

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Notification], move: Callable[..., Notification], *, done: str
    ) -> None:
        moved = 0
        for pk in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                move(actor=request.user, notification_id=pk, now=timezone.now())
                moved += 1
            except DomainError as error:
                self.message_user(request, f"Message {pk}: {error.message}", messages.ERROR)
        self.message_user(request, f"{moved} messages are {done}.", messages.SUCCESS if moved else messages.WARNING)
