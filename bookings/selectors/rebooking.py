"""Moving a booking to another launch: whether it may, where to, and what it would cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch

from bookings import errors, policies
from bookings.enums import BookingStatus, RebookingStatus, SlipStatus
from bookings.models import Booking, Passenger, Rebooking, SeatClaim, SlipDecision
from bookings.selectors.catalogue import CatalogueEntry, catalogue_list
from bookings.selectors.lists import booking_get_for_customer
from common.dates import local_date
from launches import selectors as launch_selectors
from launches.enums import LaunchStatus

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import Launch

OPTIONS_MAX = 50


def slip_open_of(*, booking_id: int, now: datetime) -> SlipDecision | None:
    """Return the question about a slip that a booking's customer can still answer."""
    rows = SlipDecision.objects.filter(booking_id=booking_id, status=SlipStatus.OPEN, deadline_at__gt=now)
    return rows.order_by("-pk").first()


def rebooking_refusal(
    *, status: str, is_off: bool, departure_at: datetime, zone: str, is_slip: bool, now: datetime
) -> str:
    """Say why a booking cannot be moved to another launch, as the end of a sentence; '' when it can."""
    if status != BookingStatus.CONFIRMED:
        return f"it is {BookingStatus(status).label.lower()}"
    if is_off:
        return "its launch is off, and everything comes back by itself"
    if departure_at <= now:
        return "its departure time has come"
    latest = policies.rebooking_latest_day(departure_at=departure_at, zone=zone, days=settings.REBOOKING_DAYS)
    if not is_slip and local_date(now, zone) > latest:
        return f"that was possible until {latest.day} {latest:%B %Y}, {settings.REBOOKING_DAYS} days before departure"
    return ""


def age_problems(*, passengers: Iterable[Passenger], departure_at: datetime, zone: str) -> list[str]:
    """Return a sentence for each passenger who is too young or too old on another departure date."""
    day = local_date(departure_at, zone)
    limits = {"youngest": settings.PASSENGER_AGE_MIN, "oldest": settings.PASSENGER_AGE_MAX}
    return [
        f"{one.full_name} (seat {one.seat_label}) is not {limits['youngest']} to {limits['oldest']} years old on the "
        "new departure date."
        for one in passengers
        if policies.age_problem(birth_date=one.birth_date, departure_day=day, **limits)
    ]


@dataclass(frozen=True, kw_only=True)
class RebookingOption:
    """
    A launch that a booking could move to.

    list_price: of as many seats there. price_after: what the seats will have cost in the end, paid less given back.
    problems: why it is not possible after all, a sentence a passenger.
    """

    entry: "CatalogueEntry[Launch]"
    list_price: Decimal
    price_before: Decimal
    price_after: Decimal
    problems: list[str]

    @property
    def to_pay(self) -> Decimal:
        """What is to be paid on top; 0 when it is not dearer."""
        return max(self.price_after - self.price_before, Decimal(0))

    @property
    def comes_back(self) -> Decimal:
        """What is given back; 0 when it is not cheaper, or nothing of it comes back."""
        return max(self.price_before - self.price_after, Decimal(0))


@dataclass(frozen=True, kw_only=True)
class RebookingGround:
    """
    What a move starts from.

    refusal: why it is not possible at all, or ''. refund_percent: of what a cheaper launch costs less. latest_day: of
        moving of one's own will, at the spaceport.
    """

    booking: Booking
    passengers: list[Passenger]
    slip: SlipDecision | None
    refusal: str
    refund_percent: int
    latest_day: date
    price: Decimal

    @property
    def currency(self) -> str:
        """What the booking was paid in."""
        return self.booking.price_currency


def rebooking_ground(*, customer: "User", reference: str, now: datetime) -> RebookingGround:
    """Read what a move of a customer's booking starts from. Three queries. Raises: BookingNotFound."""
    booking = booking_get_for_customer(customer=customer, reference=reference)
    launch = booking.launch
    zone = launch.spaceport.time_zone
    slip = slip_open_of(booking_id=booking.pk, now=now)
    passengers = [one for one in booking.passengers.all() if one.cancelled_at is None]
    return RebookingGround(
        booking=booking,
        passengers=passengers,
        slip=slip,
        refusal=rebooking_refusal(
            status=booking.status,
            is_off=launch.status in (LaunchStatus.ABORTED, LaunchStatus.FAILED),
            departure_at=launch.departure_at,
            zone=zone,
            is_slip=slip is not None,
            now=now,
        ),
        refund_percent=refund_percent_of_move(
            tiers=booking.policy_tiers, departure_at=launch.departure_at, zone=zone, is_slip=slip is not None, now=now
        ),
        latest_day=policies.rebooking_latest_day(
            departure_at=launch.departure_at, zone=zone, days=settings.REBOOKING_DAYS
        ),
        price=sum((one.price_amount for one in passengers), Decimal(0)),
    )


def refund_percent_of_move(
    *, tiers: list[dict[str, int]], departure_at: datetime, zone: str, is_slip: bool, now: datetime
) -> int:
    """Return how much of the difference comes back when the new launch is cheaper: all of it after a slip."""
    if is_slip:
        return 100
    return policies.refund_percent(tiers=policies.tiers_from(tiers), departure_at=departure_at, zone=zone, now=now)


def rebooking_options(*, ground: RebookingGround, now: datetime) -> list[RebookingOption]:
    """Return the launches of the same supplier and destination with seats for all, the next first. One query."""
    launch = ground.booking.launch
    if ground.refusal or not ground.passengers:
        return []
    page = catalogue_list(
        filters=launch_selectors.CatalogueFilters(supplier=launch.supplier.slug, destination=launch.destination.code),
        now=now,
        seats=len(ground.passengers),
        limit=OPTIONS_MAX,
    )
    return [
        _option(ground, entry)
        for entry in page.entries
        if entry.launch.pk != launch.pk and entry.launch.price_currency == ground.currency
    ]


def _option(ground: RebookingGround, entry: "CatalogueEntry[Launch]") -> RebookingOption:
    target = entry.launch
    list_price = target.price_amount * len(ground.passengers)
    return RebookingOption(
        entry=entry,
        list_price=list_price,
        price_before=ground.price,
        price_after=policies.price_after_move(
            old=ground.price,
            new=list_price,
            refund_percent=ground.refund_percent,
            refund_max=ground.booking.price_amount - ground.booking.refund_amount,
            currency=ground.currency,
        ),
        problems=age_problems(
            passengers=ground.passengers, departure_at=target.departure_at, zone=target.spaceport.time_zone
        ),
    )


def rebooking_get(*, customer: "User", rebooking_id: UUID | str) -> Rebooking:
    """Return a customer's move with both launches, booking and seats. Two queries. Raises: RebookingNotFound."""
    seats = SeatClaim.objects.select_related("launch_seat").order_by("launch_seat__row", "launch_seat__column", "pk")
    names = [f"{side}__{name}" for side in ("from_launch", "to_launch") for name in ("rocket", "destination")]
    names += ["from_launch__spaceport", "to_launch__spaceport", "from_launch__supplier", "to_launch__supplier"]
    rebooking = (
        Rebooking.objects.filter(pk=rebooking_id, booking__customer=customer)
        .select_related("booking__customer", "hold", *names)
        .prefetch_related(Prefetch("hold__claims", seats))
        .first()
    )
    if rebooking is None:
        raise errors.RebookingNotFound
    return rebooking


def rebooking_open_of(*, customer: "User", reference: str, now: datetime) -> Rebooking | None:
    """Return the move of a customer's booking that waits to be confirmed or paid, while its seats are held."""
    rows = Rebooking.objects.filter(
        booking__customer=customer,
        booking__reference=reference.upper(),
        status=RebookingStatus.OPEN,
        hold__expires_at__gt=now,
    )
    return rows.select_related("to_launch__rocket", "to_launch__destination", "hold").order_by("-created_at").first()


def policy_after_move(*, rebooking: Rebooking, now: datetime) -> list[policies.PolicyLine]:
    """Say what a cancellation gives back once an open move is done: dates count from the new launch. One query."""
    old, new = rebooking.from_launch, rebooking.to_launch
    tiers = policies.tiers_after_move(
        policies.tiers_from(rebooking.booking.policy_tiers),
        departure_at=old.departure_at,
        zone=old.spaceport.time_zone,
        is_slip=slip_open_of(booking_id=rebooking.booking_id, now=now) is not None,
        now=now,
    )
    return policies.policy_lines(
        tiers=tiers,
        departure_at=new.departure_at,
        zone=new.spaceport.time_zone,
        price=rebooking.new_price_amount,
        currency=rebooking.currency,
        now=now,
    )


def rebooking_seats(rebooking: Rebooking) -> list[str]:
    """Return the labels of the held seats, in cabin order, each once; the rebooking comes from `rebooking_get`."""
    return list(dict.fromkeys(claim.launch_seat.label for claim in rebooking.hold.claims.all()))


def seat_labels_of(*, booking_id: int) -> list[str]:
    """Return the seats of a booking's passengers who are not cancelled, in cabin order."""
    rows = Passenger.objects.filter(booking_id=booking_id, cancelled_at=None)
    return list(
        rows.order_by("claim__launch_seat__row", "claim__launch_seat__column", "pk").values_list(
            "seat_label", flat=True
        )
    )
