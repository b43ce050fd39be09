"""What the sandbox gateway remembers."""

from django.db import models

from finance.models.columns import MONEY


class SandboxCharge(models.Model):
    """
    What the sandbox gateway remembers of a charge: its own books, which only finance.gateways.sandbox reads and writes.

    No card number is ever kept; the last four digits are.
    """

    key = models.CharField(max_length=80, help_text="the caller's idempotency key")
    reference = models.CharField(max_length=80)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=20)
    decline_reason = models.CharField(max_length=200, blank=True)
    card_last4 = models.CharField(max_length=4)
    is_refundable = models.BooleanField(default=True)
    callback_url = models.CharField(max_length=200, blank=True)
    settles_at = models.DateTimeField(null=True, blank=True, help_text="a slow charge: processing until then")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="finance_one_sandbox_charge_per_key"),
            models.UniqueConstraint(fields=["reference"], name="finance_one_sandbox_charge_per_reference"),
        ]

    def __str__(self) -> str:
        return self.reference


class SandboxRefund(models.Model):
    """What the sandbox gateway remembers of a refund."""

    key = models.CharField(max_length=80, unique=True, help_text="the caller's idempotency key")
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(**MONEY)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference
