"""The queue and the inbox."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform

from notifications.enums import OPEN, NotificationStatus, Obstacle, Priority


class Notification(models.Model):
    """
    One message to one receiver.

    The text is rendered when it is sent and not kept, for it may carry a link that opens an account; the subject is
    kept for the queue and the inbox. While a message is `sending`, `due_at` is the end of its lease: whoever looks for
    due messages then finds those of a killed worker too.
    """

    template = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=120, unique=True, help_text="event, template and receiver: once only")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    address = models.EmailField(blank=True, help_text="where the mail goes; without one it goes to the inbox only")
    subject = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(help_text="ids and plain values; the rest is read when it is sent")
    link = models.CharField(max_length=300, blank=True, help_text="the page it is about")
    status = models.CharField(max_length=10, choices=NotificationStatus.choices, default=NotificationStatus.PENDING)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.USUAL)
    obstacle = models.CharField(max_length=10, choices=Obstacle.choices, blank=True, default=Obstacle.NONE)
    attempts = models.PositiveIntegerField(default=0, help_text="since it was enqueued or last retried by hand")
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField(help_text="no new attempt after this instant")
    lease = models.UUIDField(null=True, blank=True, help_text="of the attempt that may record the outcome")
    leased_until = models.DateTimeField(null=True, blank=True)
    latest_error = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=120, blank=True, help_text="the same in every attempt")
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notifications_status_is_known", condition=Q(status__in=NotificationStatus.values)
            ),
            models.CheckConstraint(
                name="notifications_sending_has_a_lease",
                condition=~Q(status=NotificationStatus.SENDING) | Q(lease__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["priority", "due_at", "id"], condition=Q(status__in=OPEN), name="notifications_due"),
            # Messages to one address go in their order: is there an earlier one that is not out yet?
            models.Index(fields=["address", "id"], condition=Q(status__in=OPEN), name="notifications_open_of_address"),
            models.Index(
                fields=["due_at"],
                condition=Q(status=NotificationStatus.PENDING, obstacle=Obstacle.SERVER),
                name="notifications_for_server",
            ),
            models.Index(fields=["receiver", "-created_at", "-id"], name="notifications_inbox"),
            models.Index(
                fields=["receiver"],
                condition=Q(read_at=None) & ~Q(status=NotificationStatus.CANCELLED),
                name="notifications_unread",
            ),
            models.Index(fields=["-created_at", "-id"], name="notifications_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="notifications_latest_by_status"),
            models.Index(fields=["template", "-created_at", "-id"], name="notifications_latest_of_kind"),
            models.Index(KeyTransform("booking_id", "facts"), name="notifications_about_booking"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key

    @property
    def is_retryable(self) -> bool:
        """Whether IT may ask for a new attempt."""
        return self.status not in (NotificationStatus.SENT, NotificationStatus.SENDING)

    @property
    def is_bounced(self) -> bool:
        """Whether it came back; IT may clear its address."""
        return self.status == NotificationStatus.BOUNCED

    @property
    def is_cancellable(self) -> bool:
        """Whether it can still be kept from being sent."""
        return self.status in (NotificationStatus.FAILED, NotificationStatus.PENDING)

    @property
    def is_unread(self) -> bool:
        """Whether its receiver has not opened it yet."""
        return self.read_at is None
