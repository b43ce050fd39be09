"""Slips: what a delay would do before it is announced, and the questions that it opens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Count, F, Q, QuerySet, Sum

from bookings import errors
from bookings.enums import BookingStatus, SlipStatus
from bookings.models import Booking, Passenger, Rebooking, SlipDecision
from bookings.selectors.catalogue import CatalogueEntry, catalogue_list
from bookings.selectors.rebooking import OPTIONS_MAX, age_problems
from bookings.selectors.refundable import comes_back
from common.dates import slip_days
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import Launch

SALT = "bookings.slip-decision"


@dataclass(frozen=True, kw_only=True)
class DelayPreview:
    """
    What a delay would do.

    days: calendar days at the spaceport. asks: whether every booking is asked what it wants; then deadline_at is until
    when. refundable: by currency, what goes back if everybody leaves. elsewhere: other launches of the supplier to the
    destination with free seats. too_old_or_young: passengers who could not fly on the new date any more.
    """

    launch: "Launch"
    departure_at: datetime
    days: int
    asks: bool
    deadline_at: datetime | None
    bookings: int
    passengers: int
    pending: int
    refundable: dict[str, Decimal]
    elsewhere: "list[CatalogueEntry[Launch]]"
    too_old_or_young: int

    @property
    def seats_elsewhere(self) -> int:
        """Free seats on those launches together."""
        return sum(entry.seats_left for entry in self.elsewhere)


def delay_preview(*, actor: "User", launch_id: int, departure_at: datetime, now: datetime) -> DelayPreview:
    """
    Reckon what a delay of a supplier's launch would do; changes nothing. Six queries, however many bookings.

    Raises: LaunchNotFound (also for another supplier's), NotASupplierMember.
    """
    launch = launch_selectors.launch_get_for_supplier(actor=actor, launch_id=launch_id)
    zone = launch.spaceport.time_zone
    days = slip_days(launch.departure_at, departure_at, zone)
    asks = days >= settings.SLIP_DAYS
    confirmed = Q(status=BookingStatus.CONFIRMED)
    money = (
        Booking.objects.filter(launch_id=launch_id)
        .annotate(comes_back=comes_back())
        .order_by()
        .values("price_currency")
        .annotate(
            bookings=Count("pk", filter=confirmed),
            pending=Count("pk", filter=Q(status=BookingStatus.PENDING)),
            refundable=Sum("comes_back", filter=confirmed),
        )
    )
    sums = list(money)
    flying = Passenger.objects.filter(
        booking__launch_id=launch_id, booking__status=BookingStatus.CONFIRMED, cancelled_at=None
    ).only("full_name", "seat_label", "birth_date")
    people = list(flying.order_by("pk"))
    others = catalogue_list(
        filters=launch_selectors.CatalogueFilters(supplier=launch.supplier.slug, destination=launch.destination.code),
        now=now,
        seats=1,
        limit=OPTIONS_MAX,
    )
    return DelayPreview(
        launch=launch,
        departure_at=departure_at,
        days=days,
        asks=asks,
        deadline_at=min(now + timedelta(days=settings.SLIP_ANSWER_DAYS), departure_at) if asks else None,
        bookings=sum(row["bookings"] for row in sums),
        passengers=len(people),
        pending=sum(row["pending"] for row in sums),
        refundable={row["price_currency"]: row["refundable"] for row in sums if row["refundable"]},
        # Bookings move only to seats that are paid in their own currency.
        elsewhere=[
            entry
            for entry in others.entries
            if entry.launch.pk != launch.pk and entry.launch.price_currency == launch.price_currency
        ],
        too_old_or_young=len(age_problems(passengers=people, departure_at=departure_at, zone=zone)),
    )


def _decisions() -> QuerySet[SlipDecision]:
    return SlipDecision.objects.select_related(
        "booking__customer", "launch__rocket", "launch__destination", "launch__spaceport", "launch__supplier"
    ).annotate(comes_back=comes_back(booking="booking__"))


def slip_list_open(*, customer: "User", now: datetime) -> list[SlipDecision]:
    """Return the questions that a customer can still answer, the most urgent first, with launch and booking."""
    rows = _decisions().filter(
        booking__customer=customer,
        booking__status=BookingStatus.CONFIRMED,
        status=SlipStatus.OPEN,
        deadline_at__gt=now,
    )
    return list(rows.order_by("deadline_at", "pk"))


def slip_get(*, customer: "User", decision_id: UUID | str) -> SlipDecision:
    """Return one of a customer's questions, answered or not. Raises: SlipNotFound."""
    decision = _decisions().filter(pk=decision_id, booking__customer=customer).first()
    if decision is None:
        raise errors.SlipNotFound
    return decision


def slip_token(decision_id: UUID | str) -> str:
    """Return what stands in the link of a mail: the question's id with our signature, and nothing else."""
    return signing.Signer(salt=SALT).sign(UUID(str(decision_id)).hex)


def slip_by_token(*, token: str) -> SlipDecision:
    """Return the question that a link names, answered or not. Raises: SlipNotFound, whatever is wrong with the link."""
    try:
        decision_id = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise errors.SlipNotFound from error
    decision = _decisions().filter(pk=decision_id).first()
    if decision is None:
        raise errors.SlipNotFound
    return decision


def slip_find(*, decision_id: UUID | str) -> SlipDecision | None:
    """Return a question with launch and booking, for messages about it."""
    return _decisions().filter(pk=decision_id).first()


def sale_before_new_date(*, booking_id: int, rebooking_id: UUID | str | None = None) -> datetime | None:
    """
    Return when a booking was made, or the move of it that is named, if its launch's departure was changed since.

    None when it was not, as nearly always. One query, for it is asked of every payment.
    """
    begun: QuerySet[Rebooking] | QuerySet[Booking]
    if rebooking_id is not None:
        begun, launch = Rebooking.objects.filter(pk=rebooking_id), "to_launch"
    else:
        begun, launch = Booking.objects.filter(pk=booking_id), "launch"
    since = {f"{launch}__history__field": "departure_at", f"{launch}__history__changed_at__gte": F("created_at")}
    return begun.filter(**since).values_list("created_at", flat=True).first()


def slip_amount(decision: SlipDecision) -> Decimal:
    """Return what comes back to who leaves; of a question that a selector of this module returned."""
    amount: Decimal = decision.comes_back  # type: ignore[attr-defined]
    return amount


def is_answerable(decision: SlipDecision, now: datetime) -> bool:
    """Whether a question can still be answered."""
    return (
        decision.status == SlipStatus.OPEN
        and decision.deadline_at > now
        and decision.booking.status == BookingStatus.CONFIRMED
        and decision.booking.launch_id == decision.launch_id
        and decision.launch.is_on_sale
    )


def references_on_launch(*, launch_id: int, customer_id: int) -> list[str]:
    """Return the references of a customer's bookings that fly, or flew, on a launch, for its mails."""
    flies = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)
    rows = Booking.objects.filter(launch_id=launch_id, customer_id=customer_id, status__in=flies)
    return list(rows.order_by("pk").values_list("reference", flat=True))
