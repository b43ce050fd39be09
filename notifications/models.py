"""The queue and the inbox."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from notifications.enums import NotificationStatus


class Notification(models.Model):
    """
    One message to one receiver.

    The text is rendered when it is sent and not kept, for it may carry a link that opens an account; the subject is
    kept for the queue and the inbox.
    """

    template = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=120, unique=True, help_text="event, template and receiver: once only")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    address = models.EmailField(help_text="where the mail goes")
    subject = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(help_text="ids and plain values; the rest is read when it is sent")
    link = models.CharField(max_length=300, blank=True, help_text="the page it is about")
    status = models.CharField(max_length=10, choices=NotificationStatus.choices, default=NotificationStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    latest_error = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notifications_status_is_known", condition=Q(status__in=NotificationStatus.values)
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status__in=[NotificationStatus.PENDING, NotificationStatus.SENDING]),
                name="notifications_due",
            ),
            models.Index(fields=["receiver", "-created_at", "-id"], name="notifications_inbox"),
            models.Index(fields=["-created_at", "-id"], name="notifications_latest"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key
