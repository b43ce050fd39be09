"""What receivers do not want by mail."""

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import Q


class MailOptOutQuerySet(models.QuerySet["MailOptOut"]):
    """Chainable narrowings."""

    def of(self, *, user_id: int | None, address_marks: Collection[str]) -> "MailOptOutQuerySet":
        """Keep those of a user; of an address, under whatever may stand for it, where there is no user."""
        return self.filter(user=user_id) if user_id else self.filter(user=None, address_digest__in=address_marks)


class MailOptOut(models.Model):
    """
    A user gets no mails of a topic; what they would say stands in the inbox (docs/adr/0013). Or an address that has no
    account gets none; what they would say is told to nobody there.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    address_digest = models.CharField(
        max_length=32, blank=True, help_text="of an address without an account: tokens.address_marks"
    )
    topic = models.CharField(max_length=30, help_text="a code of notifications.topics")
    created_at = models.DateTimeField()

    objects = MailOptOutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="notifications_one_opt_out_of_a_topic"),
            models.UniqueConstraint(
                fields=["address_digest", "topic"],
                condition=~Q(address_digest=""),
                name="notifications_one_opt_out_of_an_address",
            ),
            models.CheckConstraint(
                name="notifications_opt_out_is_a_users_or_an_address",
                condition=Q(user=None) ^ Q(address_digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.address_digest}: {self.topic}"
