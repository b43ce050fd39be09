"""Changing one's mind: a quote, then exactly that."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction

from bookings import errors, events, policies
from bookings.enums import BookingStatus, CancelCause, ClaimStatus
from bookings.locks import booking_lock
from bookings.models import Booking, CancellationQuote, Passenger, SeatClaim
from bookings.services.booking import event_values, history_write
from common import outbox
from common.errors import Busy
from common.money import percent_of
from launches import services as launch_services

if TYPE_CHECKING:
    from accounts.models import User
    from launches.selectors import LaunchBrief


def cancellation_quote(
    *, customer: "User", reference: str, now: datetime, passenger_ids: Collection[int] = ()
) -> CancellationQuote:
    """
    Promise for `settings.QUOTE_MINUTES` what comes back when the booking, or some passengers of it, is cancelled.

    Args:
        passenger_ids: none means everybody who is not cancelled yet.
    Raises: BookingNotFound, BookingNotCancellable, PassengersInvalid.
    """
    with transaction.atomic():
        booking = _own_booking_lock(customer, reference)
        launch = launch_services.launch_share_lock(launch_id=booking.launch_id)
        _cancellable_check(booking, launch, now)
        passengers = _passengers(booking, passenger_ids)
        percent = policies.refund_percent(
            tiers=policies.tiers_from(booking.policy_tiers),
            departure_at=launch.departure_at,
            zone=launch.time_zone,
            now=now,
        )
        refunds = policies.refunds_within(
            refunds=[percent_of(one.price_amount, percent, booking.price_currency) for one in passengers],
            left=booking.price_amount - booking.refund_amount,
        )
        return CancellationQuote.objects.create(
            booking=booking,
            lines=[
                {
                    "passenger_id": one.pk,
                    "seat": one.seat_label,
                    "name": one.full_name,
                    "price": str(one.price_amount),
                    "percent": percent,
                    "refund": str(refund),
                }
                for one, refund in zip(passengers, refunds, strict=True)
            ],
            percent=percent,
            refund_amount=sum(refunds, Decimal(0)),
            refund_currency=booking.price_currency,
            created_at=now,
            expires_at=now + timedelta(minutes=settings.QUOTE_MINUTES),
        )


def booking_cancel(*, customer: "User", reference: str, quote_id: UUID | str, now: datetime) -> Booking:
    """
    Cancel what a quote named and owe exactly what it promised; the refund follows through the event.

    Calling it again with a used quote returns the booking as it is.

    Raises: BookingNotFound, QuoteExpired, BookingNotCancellable, Busy.
    """
    try:
        with transaction.atomic():
            booking = _own_booking_lock(customer, reference)
            quote = CancellationQuote.objects.select_for_update().filter(pk=quote_id, booking=booking).first()
            if quote is None:
                raise errors.QuoteExpired
            if quote.used_at is not None:
                return booking
            launch = launch_services.launch_share_lock(launch_id=booking.launch_id)
            _cancellable_check(booking, launch, now)
            if quote.expires_at <= now:
                raise errors.QuoteExpired
            refunds = {line["passenger_id"]: Decimal(line["refund"]) for line in quote.lines}
            passengers = list(booking.passengers.filter(pk__in=refunds, cancelled_at=None).order_by("pk"))
            if len(passengers) != len(refunds):
                raise errors.QuoteExpired
            if booking.refund_amount + quote.refund_amount > booking.price_amount:  # goodwill came in between
                raise errors.QuoteExpired
            quote.used_at = now
            quote.save(update_fields=["used_at"])
            # Nothing back means the seat counts as sold and is not sold again (domain.md, Cancellation).
            _cancel(
                booking, passengers, refunds, CancelCause.CUSTOMER, "", customer, launch.supplier_id, now,
                frees_seats=quote.percent > 0,
            )  # fmt: skip
            return booking
    except OperationalError as error:
        raise Busy from error


def booking_cancel_for_supplier(
    *, booking_id: int, reason: str, now: datetime, actor: "User | None" = None, frees_seats: bool = False
) -> Booking:
    """
    Cancel a booking because of what its supplier did: everything comes back.

    When the launch was aborted or failed, no seat is freed for sale; who leaves after a slip frees them
    (`frees_seats`). A booking that is not confirmed is returned as it is.
    """
    with transaction.atomic():
        booking = booking_lock(booking_id=booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            return booking
        passengers = list(booking.passengers.filter(cancelled_at=None).order_by("pk"))
        shares = policies.refunds_within(
            refunds=[one.price_amount for one in passengers], left=booking.price_amount - booking.refund_amount
        )
        refunds = {one.pk: share for one, share in zip(passengers, shares, strict=True)}
        supplier_id = launch_services.launch_share_lock(launch_id=booking.launch_id).supplier_id
        _cancel(
            booking, passengers, refunds, CancelCause.SUPPLIER, reason, actor, supplier_id, now,
            frees_seats=frees_seats,
        )  # fmt: skip
        return booking


def _cancel(
    booking: Booking,
    passengers: list[Passenger],
    refunds: dict[int, Decimal],
    cause: str,
    reason: str,
    actor: "User | None",
    supplier_id: int,
    now: datetime,
    *,
    frees_seats: bool,
) -> None:
    for one in passengers:
        one.cancelled_at = now
        one.refund_amount = refunds[one.pk]
        one.save(update_fields=["cancelled_at", "refund_amount"])
    if frees_seats:
        SeatClaim.objects.filter(passenger__in=passengers).update(status=ClaimStatus.RELEASED)
    is_whole = not booking.passengers.filter(cancelled_at=None).exists()
    total = sum(refunds.values(), Decimal(0))
    old = booking.status
    booking.refund_amount += total
    booking.version += 1
    if is_whole:
        booking.status = BookingStatus.CANCELLED
        booking.cancelled_at = now
        booking.cancel_cause = cause
    booking.save()
    history_write(booking=booking, old=old, actor=actor, now=now, reason=reason)
    outbox.publish(
        events.BookingCancelled(
            **event_values(booking, supplier_id),
            is_whole=is_whole,
            passenger_ids=tuple(one.pk for one in passengers),
            refund_amount=total,
            refund_currency=booking.price_currency,
            cause=cause,
            reason=reason,
            frees_seats=frees_seats,
        ),
        actor_id=actor.pk if actor else None,
    )


def _own_booking_lock(customer: "User", reference: str) -> Booking:
    booking_id = (
        Booking.objects.filter(customer=customer, reference=reference.upper()).values_list("pk", flat=True).first()
    )
    if booking_id is None:
        raise errors.BookingNotFound
    return booking_lock(booking_id=booking_id)


def _cancellable_check(booking: Booking, launch: "LaunchBrief", now: datetime) -> None:
    if launch.is_off:
        raise errors.BookingNotCancellable(
            f"Booking {booking.reference} need not be cancelled: its launch is off, everything comes back by itself."
        )
    if booking.status != BookingStatus.CONFIRMED:
        raise errors.BookingNotCancellable(reference=booking.reference, status=booking.get_status_display().lower())
    if launch.departure_at <= now:
        raise errors.BookingNotCancellable(
            f"Booking {booking.reference} cannot be cancelled any more: its departure time has come."
        )


def _passengers(booking: Booking, passenger_ids: Collection[int]) -> list[Passenger]:
    live = list(booking.passengers.filter(cancelled_at=None).order_by("seat_label", "pk"))
    if not passenger_ids:
        return live
    chosen = [one for one in live if one.pk in set(passenger_ids)]
    if len(chosen) != len(set(passenger_ids)):
        raise errors.PassengersInvalid(
            fields={"passenger_ids": "Choose passengers of this booking who are not cancelled yet."}
        )
    return chosen
