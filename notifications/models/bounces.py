"""Addresses that mails come back from."""

from django.db import models

from notifications.enums import BounceKind


class BouncedAddress(models.Model):
    """
    An address that gets what it must get, and nothing else: providers stop whoever goes on sending where mails bounce.

    It stands for the address, not for its user: whoever has another address now is written to as ever.
    """

    address = models.EmailField(unique=True, help_text="in small letters")
    kind = models.CharField(max_length=10, choices=BounceKind.choices)
    said = models.CharField(max_length=300, blank=True, help_text="the provider's words")
    bounced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notifications_bounce_kind_is_known", condition=models.Q(kind__in=BounceKind.values)
            ),
        ]
        verbose_name_plural = "bounced addresses"

    def __str__(self) -> str:
        return self.address
