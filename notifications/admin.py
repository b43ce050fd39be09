"""Staff screens: the queue, read-only, with actions that call the services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from common.admin import ReadOnlyAdmin
from common.errors import DomainError
from notifications import services, tasks
from notifications.models import (
    BouncedAddress,
    MailOptOut,
    MailSlot,
    MessageWording,
    Notification,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)


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


@admin.register(MessageWording)
class MessageWordingAdmin(ReadOnlyAdmin):
    """Every version of edited words; they are edited in the employee portal."""

    list_display = ("template", "language", "number", "is_shipped", "editor", "published_at", "broken_at")
    list_filter = ("language", "is_shipped")
    list_select_related = ("editor",)
    search_fields = ("template", "subject", "note")
    ordering = ("template", "language", "-number", "-pk")


@admin.register(MailOptOut)
class MailOptOutAdmin(ReadOnlyAdmin):
    """Who gets no mails of which topic; addresses without an account are known by their mark."""

    list_display = ("user", "address_digest", "topic", "created_at")
    list_filter = ("topic",)
    list_select_related = ("user",)
    search_fields = ("=user__email", "=address_digest")
    ordering = ("-created_at", "-pk")


@admin.register(BouncedAddress)
class BouncedAddressAdmin(ReadOnlyAdmin):
    """Where mails come back from; IT clears an address at a message that bounced."""

    list_display = ("address", "kind", "said", "bounced_at")
    list_filter = ("kind",)
    search_fields = ("address",)
    ordering = ("-bounced_at", "-pk")


@admin.register(MailSlot)
class MailSlotAdmin(ReadOnlyAdmin):
    """What a provider takes in a minute, and when each slot is free again."""

    list_display = ("provider", "number", "free_at")
    list_filter = ("provider",)
    ordering = ("provider", "number")


# --- webhooks -------------------------------------------------------------
@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Who is told by webhook, and how that goes; their secrets are elsewhere, also those within their addresses."""

    list_display = ("address_shown", "supplier", "status", "pause_cause", "failures", "latest_success_at", "due_at")
    list_filter = ("status", "pause_cause")
    list_select_related = ("supplier",)
    search_fields = ("description", "supplier__trade_name")
    ordering = ("-created_at", "-pk")
    exclude = ("url",)
    readonly_fields = ("address_shown",)


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    """What is told, in the very bytes."""

    list_display = ("public_id", "event_type", "event_id", "occurred_at")
    list_filter = ("event_type",)
    search_fields = ("=id", "=event_id")
    ordering = ("-created_at", "-pk")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Each message to each endpoint; sent again in the portals."""

    list_display = ("id", "endpoint", "message", "status", "attempts", "latest_status_code", "created_at", "done_at")
    list_filter = ("status", "is_test")
    list_select_related = ("endpoint", "message")
    search_fields = ("=id", "=endpoint__id")
    ordering = ("-id",)


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(ReadOnlyAdmin):
    """Every try, with the beginning of the answer."""

    list_display = ("id", "delivery", "started_at", "duration_ms", "status_code", "error")
    list_select_related = ("delivery",)
    search_fields = ("=delivery__id", "error")
    ordering = ("-id",)
