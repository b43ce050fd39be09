"""Who has which seat."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from bookings import errors
from bookings.enums import ClaimStatus, WaitingStatus
from bookings.models import Booking, SeatClaim, WaitingEntry
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import LaunchSeat


def live(now: datetime) -> Q:
    """Narrow claims to those that keep a seat from others at an instant."""
    return Q(status=ClaimStatus.SOLD) | Q(status=ClaimStatus.HELD, held_until__gt=now)


def seat_ids_taken(
    *, launch_id: int, now: datetime, seat_ids: Collection[int] | None = None, except_hold_id: UUID | str | None = None
) -> set[int]:
    """Return the seats of a launch (or those of the given ones) that are sold or held at an instant."""
    claims = SeatClaim.objects.filter(live(now), launch_id=launch_id)
    if seat_ids is not None:
        claims = claims.filter(launch_seat_id__in=seat_ids)
    if except_hold_id is not None:
        claims = claims.exclude(hold_id=except_hold_id)
    return set(claims.values_list("launch_seat_id", flat=True))


@dataclass(frozen=True, kw_only=True)
class SeatState:
    """A seat as a viewer sees it; `state` is free, mine, sold, held or blocked, and what `seat_choice` adds."""

    id: int
    label: str
    row: int
    column: int
    is_window: bool
    is_exit: bool
    state: str


def seat_map(*, launch_id: int, now: datetime, viewer: "User | None" = None) -> list[SeatState]:
    """Return all seats of a launch in cabin order. Two queries."""
    return seats_seen(
        launch_id=launch_id,
        claims=SeatClaim.objects.filter(live(now), launch_id=launch_id),
        viewer_id=viewer.pk if viewer is not None else None,
        own=lambda _: "mine",
    )


def seats_seen(
    *, launch_id: int, claims: Iterable[SeatClaim], viewer_id: int | None, own: Callable[[SeatClaim], str]
) -> list[SeatState]:
    """
    Return all seats of a launch in cabin order, each as a viewer sees it. One query, and that of the claims.

    Args:
        claims: the live ones of the launch. own: says the state of a seat that the viewer has.
    """
    claim_of = {claim.launch_seat_id: claim for claim in claims}

    def state(seat: "LaunchSeat") -> str:
        claim = claim_of.get(seat.pk)
        if claim is None:
            return "blocked" if seat.is_blocked else "free"
        if viewer_id is not None and claim.customer_id == viewer_id:
            return own(claim)
        return "sold" if claim.status == ClaimStatus.SOLD else "held"

    return [
        SeatState(
            id=seat.pk,
            label=seat.label,
            row=seat.row,
            column=seat.column,
            is_window=seat.is_window,
            is_exit=seat.is_exit,
            state=state(seat),
        )
        for seat in launch_selectors.launch_seats(launch_id=launch_id)
    ]


def claims_of_hold(*, hold_id: UUID | str) -> list[SeatClaim]:
    """Return a hold's claims, whatever became of them, in seat order, with their seats."""
    return list(
        SeatClaim.objects.filter(hold_id=hold_id)
        .select_related("launch_seat")
        .order_by("launch_seat__row", "launch_seat__column", "pk")
    )


def seats_of_customer(
    *, customer_id: int, launch_id: int, now: datetime, except_hold_id: UUID | str | None = None
) -> int:
    """Count the seats of a launch that a customer holds or has bought."""
    claims = SeatClaim.objects.filter(live(now), launch_id=launch_id, customer_id=customer_id)
    return (claims.exclude(hold_id=except_hold_id) if except_hold_id is not None else claims).count()


@dataclass(frozen=True)
class BookingGlance:
    """What must be known of a booking before its locks are taken; none of it ever changes."""

    launch_id: int
    customer: "User"
    held_until: datetime
    seat_ids: tuple[int, ...]


def booking_glance(*, booking_id: int) -> BookingGlance:
    """Read a booking's launch, customer and seats. Raises: BookingNotFound."""
    booking = Booking.objects.select_related("customer", "hold").filter(pk=booking_id).first()
    if booking is None:
        raise errors.BookingNotFound
    seat_ids = SeatClaim.objects.filter(passenger__booking_id=booking_id).values_list("launch_seat_id", flat=True)
    return BookingGlance(booking.launch_id, booking.customer, booking.hold.expires_at, tuple(sorted(seat_ids)))


def parties_waiting(*, launch_id: int, except_customer_id: int) -> list[int]:
    """Return the sizes of the parties that others have on a launch's waiting list, the first in line first."""
    entries = WaitingEntry.objects.filter(launch_id=launch_id, status=WaitingStatus.WAITING)
    return list(entries.exclude(customer_id=except_customer_id).order_by("pk").values_list("party", flat=True))


def is_any_seat_taken(*, launch_id: int, now: datetime) -> bool:
    """Tell whether any seat of a launch is sold or held at an instant."""
    return SeatClaim.objects.filter(live(now), launch_id=launch_id).exists()


def seats_sold(*, launch_ids: Collection[int]) -> dict[int, int]:
    """Count the sold seats of launches, those cancelled too late to be sold again included. One query."""
    rows = SeatClaim.objects.filter(launch_id__in=launch_ids, status=ClaimStatus.SOLD).order_by().values("launch_id")
    counted = dict(rows.annotate(n=Count("pk")).values_list("launch_id", "n"))
    return {launch_id: counted.get(launch_id, 0) for launch_id in launch_ids}
