"""A hold as the booking flow shows it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from bookings import selectors as booking_selectors
from bookings.enums import BookingStatus, HoldPurpose, HoldStatus

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Hold
    from launches.models import Launch


@dataclass(frozen=True, kw_only=True)
class HoldSight:
    """
    Held seats, in cabin order.

    named: passengers entered before. onward: the page to go to instead, because the hold is over or paid; or ''.
    """

    hold: "Hold"
    labels: list[str]
    named: list[dict[str, Any]]
    policy: list[Any]
    onward: str

    @property
    def launch(self) -> "Launch":
        """What the seats are on."""
        return self.hold.launch

    @property
    def total(self) -> Decimal:
        """The price of all held seats."""
        return self.hold.price_amount * len(self.labels)

    @property
    def reference(self) -> str:
        """Of the booking that was made of it; '' while no passengers are named."""
        return str(self.hold.booking.reference) if self.hold.status == HoldStatus.USED else ""

    @property
    def is_open(self) -> bool:
        """Whether the seats can still be given back or changed: no booking is made yet."""
        return self.hold.status == HoldStatus.OPEN

    @property
    def may_choose_others(self) -> bool:
        """Whether another choice would take the place of these seats; offered ones stand beside it."""
        return self.is_open and self.hold.purpose == HoldPurpose.SALE


def hold_sight(*, customer: "User", hold_id: UUID, now: datetime) -> HoldSight:
    """Read a customer's hold for the passengers' page. Raises: HoldNotFound."""
    hold = booking_selectors.hold_get(customer=customer, hold_id=hold_id)
    named = booking_selectors.passengers_of_hold(customer=customer, hold_id=hold_id)
    labels = [claim.launch_seat.label for claim in hold.claims.all()]
    launch = hold.launch
    return HoldSight(
        hold=hold,
        labels=labels,
        named=[
            {"full_name": one.full_name, "email": one.email, "phone": one.phone, "birth_date": one.birth_date}
            for one in named
        ],
        policy=booking_selectors.policy_lines_for(
            tiers=launch.cancellation_policy.tiers,
            departure_at=launch.departure_at,
            zone=launch.spaceport.time_zone,
            price=hold.price_amount * len(labels),
            currency=hold.price_currency,
            now=now,
        ),
        onward=_onward(hold, named, now),
    )


def _onward(hold: "Hold", named: list[Any], now: datetime) -> str:
    if named and named[0].booking.status != BookingStatus.PENDING:
        return reverse("customer:booking-review", args=[named[0].booking.reference])
    if hold.status not in (HoldStatus.OPEN, HoldStatus.USED) or hold.expires_at <= now:
        return reverse("customer:hold-expired", args=[hold.pk])
    return ""


@dataclass(frozen=True)
class Unfinished:
    """A hold that still runs and is not paid."""

    hold: "Hold"

    @property
    def is_named(self) -> bool:
        """Whether its passengers are entered, so that only checking and paying is left."""
        return self.hold.status == HoldStatus.USED

    @property
    def url(self) -> str:
        """The page where it goes on."""
        if self.is_named:
            return reverse("customer:booking-review", args=[self.hold.booking.reference])
        return reverse("customer:hold-passengers", args=[self.hold.pk])


@dataclass(frozen=True, kw_only=True)
class EndedSight:
    """A hold whose time ran out, was given back, or (a clock that goes wrong) still runs."""

    hold: "Hold"
    still_free: list[Any]
    now: datetime
    newer_hold: "Hold | None" = None

    @property
    def is_over(self) -> bool:
        """Whether its time ran out."""
        return self.hold.expires_at <= self.now

    @property
    def is_running(self) -> bool:
        """Whether the seats are still held."""
        return not self.is_over and self.hold.status in (HoldStatus.OPEN, HoldStatus.USED)

    @property
    def seats_had(self) -> int:
        """How many seats it held."""
        return len(self.hold.claims.all())

    @property
    def has_all_free(self) -> bool:
        """Whether the very same seats can be held again."""
        return bool(self.still_free) and len(self.still_free) == self.seats_had


def ended_sight(*, customer: "User", hold_id: UUID, now: datetime) -> EndedSight:
    """Read a hold and which of its seats can be had again. Raises: HoldNotFound."""
    hold = booking_selectors.hold_get(customer=customer, hold_id=hold_id)
    choice = booking_selectors.seat_choice(launch_id=hold.launch_id, now=now, customer=customer, limit_default=0)
    had = {claim.launch_seat_id for claim in hold.claims.all()}
    is_open = hold.launch.is_on_sale and hold.launch.departure_at > now
    free = [seat for seat in choice.seats if is_open and seat.id in had and seat.state in ("free", "mine")]
    running = booking_selectors.unfinished_list(customer=customer, now=now, launch_id=hold.launch_id)
    newer = next((one for one in running if one.pk != hold.pk), None)
    return EndedSight(hold=hold, still_free=[] if newer else free, now=now, newer_hold=newer)
