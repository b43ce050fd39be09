"""What receivers do not want by mail."""

from django.conf import settings
from django.db import models


class MailOptOut(models.Model):
    """A user gets no mails of a topic; what they would say stands in the inbox (docs/adr/0013)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=30, help_text="a code of notifications.topics")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="notifications_one_opt_out_of_a_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.topic}"
