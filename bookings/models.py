"""Tables of what is taken."""

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from bookings.enums import (
    LIVE_CLAIMS,
    UNPAID_HOLDS,
    WAITING,
    BookingStatus,
    CancelCause,
    ClaimStatus,
    HoldPurpose,
    HoldStatus,
    RebookingStatus,
    SlipStatus,
    WaitingStatus,
)

MONEY: Any = {"max_digits": 14, "decimal_places": 3}


class Hold(models.Model):
    """Seats kept for a customer until an instant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="holds")
    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="holds")
    status = models.CharField(max_length=10, choices=HoldStatus.choices, default=HoldStatus.OPEN)
    purpose = models.CharField(max_length=10, choices=HoldPurpose.choices, default=HoldPurpose.SALE)
    price_amount = models.DecimalField(**MONEY, help_text="a seat, as it was when held")
    price_currency = models.CharField(max_length=3)
    address_key = models.CharField(
        max_length=32, blank=True, help_text="a keyed hash of the network address it came from, for the quota"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True, blank=True, help_text="once only")
    warned_at = models.DateTimeField(
        null=True, blank=True, help_text="when its customer was told that it is about to lapse"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "launch"],
                condition=Q(status=HoldStatus.OPEN, purpose=HoldPurpose.SALE),
                name="bookings_one_open_hold_per_customer_and_launch",
            ),
            models.CheckConstraint(
                name="bookings_hold_ends_after_it_starts", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status=HoldStatus.OPEN), name="bookings_holds_to_expire"),
            models.Index(fields=["customer"], condition=Q(status__in=UNPAID_HOLDS), name="bookings_unpaid_of_customer"),
            models.Index(
                fields=["address_key"], condition=Q(status__in=UNPAID_HOLDS), name="bookings_unpaid_of_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id}"

    @property
    def is_extendable(self) -> bool:
        """Whether it can be prolonged, if its time has not run out."""
        return self.extended_at is None and self.purpose != HoldPurpose.OFFER and self.status in UNPAID_HOLDS


class Booking(models.Model):
    """Seats sold, or being paid, for a customer."""

    reference = models.CharField(max_length=6)
    # The indexes below serve these two as well.
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="bookings", db_index=False)
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="booking")
    status = models.CharField(max_length=10, choices=BookingStatus.choices, default=BookingStatus.PENDING)
    price_amount = models.DecimalField(**MONEY, help_text="of all seats, at the moment of sale")
    price_currency = models.CharField(max_length=3)
    refund_amount = models.DecimalField(**MONEY, default=Decimal(0), help_text="owed back so far")
    leg = models.PositiveSmallIntegerField(default=1, help_text="grows with each move to another launch")
    policy_tiers = models.JSONField(help_text="the cancellation policy at the moment of sale")
    cancel_cause = models.CharField(max_length=10, choices=CancelCause.choices, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="bookings_one_booking_per_reference"),
            models.CheckConstraint(name="bookings_status_is_known", condition=Q(status__in=BookingStatus.values)),
            models.CheckConstraint(name="bookings_price_is_not_negative", condition=Q(price_amount__gte=0)),
            models.CheckConstraint(
                name="bookings_refund_is_within_price",
                condition=Q(refund_amount__gte=0) & Q(refund_amount__lte=F("price_amount")),
            ),
            models.CheckConstraint(
                name="bookings_confirmed_has_its_instant",
                condition=~Q(status__in=[BookingStatus.CONFIRMED, BookingStatus.COMPLETED])
                | Q(confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="bookings_of_customer"),
            models.Index(fields=["launch", "id"], name="bookings_of_launch"),
            models.Index(fields=["-created_at", "-id"], name="bookings_latest"),
        ]

    def __str__(self) -> str:
        return self.reference


class SeatClaim(models.Model):
    """
    Who has a seat of a launch.

    # Note [Expired holds still occupy the index]
    A partial index cannot ask for the time, so a lapsed hold's claim keeps its place in `one_live_claim_per_seat` until
    somebody clears it away. Whoever wants the seat does that first, inside the same locked transaction.
    """

    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="claims")
    launch_seat = models.ForeignKey("launches.LaunchSeat", on_delete=models.PROTECT, related_name="claims")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="claims")
    status = models.CharField(max_length=10, choices=ClaimStatus.choices, default=ClaimStatus.HELD)
    is_live = models.GeneratedField(
        expression=Q(status__in=LIVE_CLAIMS),  # type: ignore[arg-type]  # the stubs know of no Q here
        output_field=models.BooleanField(),
        db_persist=True,
    )
    held_until = models.DateTimeField(help_text="when a held claim lapses; past its sale only history")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["launch_seat"], condition=Q(is_live=True), name="bookings_one_live_claim_per_seat"
            ),
            models.CheckConstraint(name="bookings_claim_status_is_known", condition=Q(status__in=ClaimStatus.values)),
        ]
        indexes = [
            models.Index(fields=["launch", "customer"], condition=Q(is_live=True), name="bookings_live_claims"),
        ]

    def __str__(self) -> str:
        return f"{self.launch_seat_id} {self.status}"


class Passenger(models.Model):
    """The person in a seat of a booking."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="passengers")
    claim = models.OneToOneField(SeatClaim, on_delete=models.PROTECT, related_name="passenger")
    seat_label = models.CharField(max_length=6)
    full_name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=16, help_text="E.164")
    birth_date = models.DateField()
    price_amount = models.DecimalField(**MONEY)
    refund_amount = models.DecimalField(**MONEY, default=Decimal(0))
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="bookings_passenger_refund_is_within_price",
                condition=Q(refund_amount__gte=0) & Q(refund_amount__lte=F("price_amount")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.seat_label}"


class BookingHistory(models.Model):
    """A move of a booking."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="history")
    changed_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=10)
    old_status = models.CharField(max_length=10, blank=True)
    new_status = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "booking history"

    def __str__(self) -> str:
        return f"{self.booking_id} {self.new_status}"


class CancellationQuote(models.Model):
    """What the customer would get back, promised for a quarter of an hour."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="quotes")
    lines = models.JSONField(help_text="a line a passenger: passenger_id, seat, name, price, percent, refund")
    percent = models.PositiveSmallIntegerField()
    refund_amount = models.DecimalField(**MONEY)
    refund_currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.id}"


class PassengerChange(models.Model):
    """A corrected or replaced detail of a passenger, or another seat."""

    passenger = models.ForeignKey(Passenger, on_delete=models.PROTECT, related_name="changes")
    changed_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=10)
    field = models.CharField(max_length=20)
    old_value = models.CharField(max_length=254, blank=True)
    new_value = models.CharField(max_length=254, blank=True)
    is_replacement = models.BooleanField(default=False, help_text="another person flies")

    def __str__(self) -> str:
        return f"{self.passenger_id} {self.field}"


class Rebooking(models.Model):
    """A move of a booking to another launch: the new seats wait in a hold until the difference is settled."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="rebookings")
    from_launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="+")
    to_launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="+")
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="rebooking")
    status = models.CharField(max_length=10, choices=RebookingStatus.choices, default=RebookingStatus.OPEN)
    leg = models.PositiveSmallIntegerField(help_text="of the booking when it was asked for")
    old_price_amount = models.DecimalField(**MONEY, help_text="of all live passengers, as paid")
    new_price_amount = models.DecimalField(**MONEY, help_text="of all live passengers, on the new launch")
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(status=RebookingStatus.OPEN),
                name="bookings_one_open_rebooking_per_booking",
            ),
            models.CheckConstraint(name="bookings_rebooking_goes_elsewhere", condition=~Q(from_launch=F("to_launch"))),
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class SlipDecision(models.Model):
    """What a customer is asked when a launch slips far: keep, move, or leave with everything back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="slip_decisions")
    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="slip_decisions")
    event_id = models.BigIntegerField(help_text="the announcement that asks")
    status = models.CharField(max_length=10, choices=SlipStatus.choices, default=SlipStatus.OPEN)
    old_departure_at = models.DateTimeField()
    old_departure_precision = models.CharField(
        max_length=10, blank=True, db_default="", help_text="how exactly it was known; '' for questions of before 0005"
    )
    new_departure_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(status=SlipStatus.OPEN), name="bookings_one_open_slip_per_booking"
            ),
            models.UniqueConstraint(fields=["booking", "event_id"], name="bookings_one_slip_per_announcement"),
        ]
        indexes = [
            models.Index(fields=["deadline_at"], condition=Q(status=SlipStatus.OPEN), name="bookings_open_slips")
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class WaitingEntry(models.Model):
    """A party that waits for seats of a launch; first come, first served, by id."""

    launch = models.ForeignKey("launches.Launch", on_delete=models.PROTECT, related_name="waiting_entries")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waiting_entries")
    party = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=WaitingStatus.choices, default=WaitingStatus.WAITING)
    hold = models.OneToOneField(
        Hold, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting_entry", help_text="of the offer"
    )
    joined_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "waiting entries"
        constraints = [
            models.UniqueConstraint(
                fields=["launch", "customer"],
                condition=Q(status__in=WAITING),
                name="bookings_one_waiting_entry_per_customer_and_launch",
            ),
            models.CheckConstraint(name="bookings_waiting_party_has_people", condition=Q(party__gte=1)),
        ]
        indexes = [
            models.Index(fields=["launch", "id"], condition=Q(status=WaitingStatus.WAITING), name="bookings_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.launch_id} {self.customer_id}"
