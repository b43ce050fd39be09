"""What a customer is shown while choosing and paying: own seats, the policy in amounts, what is unfinished."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from bookings.enums import BookingStatus, ClaimStatus, HoldPurpose, HoldStatus, WaitingStatus
from bookings.models import Hold, Passenger, SeatClaim
from bookings.policies import PolicyLine, policy_lines, tiers_from
from bookings.selectors.people import seat_limit
from bookings.selectors.seats import SeatState, live, seats_seen

if TYPE_CHECKING:
    from accounts.models import User


def policy_lines_for(
    *, tiers: Iterable[dict[str, Any]], departure_at: datetime, zone: str, price: Decimal, currency: str, now: datetime
) -> list[PolicyLine]:
    """
    Say a cancellation policy in amounts and dates: the tiers that can still be reached, longest first; none is [].

    Args:
        tiers: as launches and bookings keep them: [{"months": 12, "percent": 90}, ...].
        zone: the spaceport's, for the last day of each tier.
    """
    return policy_lines(
        tiers=tiers_from(tiers), departure_at=departure_at, zone=zone, price=price, currency=currency, now=now
    )


@dataclass(frozen=True, kw_only=True)
class SeatChoice:
    """All seats of a launch in cabin order, and how many of them the customer may still choose."""

    seats: list[SeatState]
    limit: int
    room: int

    @property
    def total(self) -> int:
        """Seats that are for sale at all."""
        return sum(seat.state != "blocked" for seat in self.seats)

    @property
    def left(self) -> int:
        """Seats nobody has; those in the customer's own open hold count as left for the customer."""
        return sum(seat.state in ("free", "mine") for seat in self.seats)


def seat_choice(*, launch_id: int, now: datetime, customer: "User | None", limit_default: int) -> SeatChoice:
    """
    Return what a customer, or a stranger (None, who gets `limit_default`), may choose. Two or three queries.

    Own seats are `mine` (in the customer's open hold, so still changeable), `booked` (sold) or `waiting` (in a booking
    that is not paid yet).
    """
    limit = seat_limit(customer=customer, launch_id=launch_id) if customer is not None else limit_default
    seats = seats_seen(
        launch_id=launch_id,
        claims=SeatClaim.objects.filter(live(now), launch_id=launch_id).select_related("hold"),
        viewer_id=customer.pk if customer is not None else None,
        own=_own_state,
    )
    has = sum(seat.state in ("booked", "waiting") for seat in seats)
    return SeatChoice(seats=seats, limit=limit, room=max(limit - has, 0))


def _own_state(claim: SeatClaim) -> str:
    if claim.status == ClaimStatus.SOLD:
        return "booked"
    is_changeable = claim.hold.status == HoldStatus.OPEN and claim.hold.purpose == HoldPurpose.SALE
    return "mine" if is_changeable else "waiting"


def unfinished_list(*, customer: "User", now: datetime, launch_id: int | None = None) -> list[Hold]:
    """
    Return the customer's holds that still run and are not paid, with launch and booking, soonest to end first.

    Seats kept for a move of a booking, and offers that are not answered yet, are no purchases.
    """
    rows = Hold.objects.filter(
        Q(status=HoldStatus.OPEN) | Q(status=HoldStatus.USED, booking__status=BookingStatus.PENDING),
        customer=customer,
        expires_at__gt=now,
    ).exclude(purpose=HoldPurpose.REBOOKING)
    rows = rows.exclude(waiting_entry__status=WaitingStatus.OFFERED, status=HoldStatus.OPEN)
    rows = rows.select_related("booking", "launch__rocket", "launch__destination", "launch__spaceport")
    if launch_id is not None:
        rows = rows.filter(launch_id=launch_id)
    return list(rows.order_by("expires_at", "pk"))


def passengers_of_hold(*, customer: "User", hold_id: UUID | str) -> list[Passenger]:
    """Return the passengers already named for a hold, in the cabin order of their seats; [] when there are none yet."""
    return list(
        Passenger.objects.filter(booking__hold_id=hold_id, booking__customer=customer)
        .select_related("booking")
        .order_by("claim__launch_seat__row", "claim__launch_seat__column", "pk")
    )
