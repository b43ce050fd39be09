"""The double-entry ledger, and the runs that compare it with everything else."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from common.models import TransactionId
from finance.enums import Account, MovementKind
from finance.models.columns import MONEY


class LedgerMovement(models.Model):
    """A movement of money: entries that sum to zero. Rows are only ever added; the database refuses anything else."""

    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    source = models.CharField(max_length=80, help_text="what caused it: one cause, one movement")
    currency = models.CharField(max_length=3)
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.PROTECT, null=True, blank=True, related_name="movements"
    )
    note = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(
        db_default=TransactionId(),
        editable=False,
        help_text="the transaction that made it, the only one that may give it entries",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], name="finance_one_movement_per_source"),
            models.CheckConstraint(name="finance_movement_kind_is_known", condition=Q(kind__in=MovementKind.values)),
        ]

    def __str__(self) -> str:
        return self.source


class LedgerEntry(models.Model):
    """One side of a movement: positive amounts debit, negative ones credit; with launch and supplier if it has them."""

    movement = models.ForeignKey(LedgerMovement, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=10, choices=Account.choices)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    # The indexes below serve these two as well.
    supplier = models.ForeignKey(
        "launches.Supplier", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    launch = models.ForeignKey(
        "launches.Launch", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_entry_moves_something", condition=~Q(amount=0)),
            models.CheckConstraint(name="finance_entry_account_is_known", condition=Q(account__in=Account.values)),
        ]
        indexes = [
            models.Index(fields=["launch", "account"], name="finance_entries_of_launch"),
            models.Index(fields=["supplier", "account"], name="finance_entries_of_supplier"),
        ]
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.movement_id} {self.account} {self.amount}"


class MoneyReconciliationRun(models.Model):
    """One run of `reconcile_money`: what was looked at and what was found."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    day = models.DateField(null=True, blank=True, help_text="only what moved on this day; empty: everything")
    is_dry_run = models.BooleanField(default=False)
    looked_at = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, help_text="class, subject, what, amount, repaired")
    origin = models.CharField(max_length=10)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def left(self) -> int:
        """How many differences are for people to look at."""
        return self.found - self.repaired
