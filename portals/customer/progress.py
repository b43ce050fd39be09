"""On which page of the booking flow a booking stands, whichever way the customer came."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from bookings import selectors as booking_selectors
from bookings.enums import BookingStatus
from finance import selectors as finance_selectors
from finance.enums import PaymentStatus
from portals.customer.rendering import me
from portals.shared.htmx import redirect_page

if TYPE_CHECKING:
    from bookings.models import Booking
    from finance.models import Payment


GIVEN_UP = "That payment is given up, and nothing was charged. Enter another card."
SANDBOX = "sandbox"  # payments at any other gateway are finished in a form of its own


class Stage(StrEnum):
    """What is to be done next; the value is the name of its page."""

    PAY = "customer:booking-review"
    CHALLENGE = "customer:booking-challenge"
    WAIT = "customer:booking-wait"
    DONE = "customer:booking-done"
    EXPIRED = "customer:hold-expired"
    TRIP = "customer:trip-detail"


@dataclass(frozen=True)
class Progress:
    """A booking on its way, with its latest payment."""

    booking: "Booking"
    payment: "Payment | None"
    now: datetime

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        status = self.booking.status
        if status == BookingStatus.CONFIRMED:
            return Stage.DONE
        if status not in (BookingStatus.PENDING, BookingStatus.EXPIRED):
            return Stage.TRIP
        paid = self.payment.status if self.payment else PaymentStatus.DECLINED
        if paid == PaymentStatus.CHALLENGE:
            return Stage.CHALLENGE
        if paid == PaymentStatus.SUCCEEDED:
            return Stage.DONE  # the seats were gone: the page tells of the refund
        if paid in (PaymentStatus.CREATED, PaymentStatus.PROCESSING):
            return Stage.WAIT
        is_over = status == BookingStatus.EXPIRED or self.booking.hold.expires_at <= self.now
        return Stage.EXPIRED if is_over else Stage.PAY

    @property
    def url(self) -> str:
        """The page where it goes on."""
        key = self.booking.hold_id if self.stage is Stage.EXPIRED else self.booking.reference
        return reverse(self.stage, args=[key])

    @property
    def seat_labels(self) -> list[str]:
        """The seats of the booking."""
        return [one.seat_label for one in self.booking.passengers.all()]

    @property
    def has_seats(self) -> bool:
        """Whether the seats are sold to the customer."""
        return self.booking.status == BookingStatus.CONFIRMED

    @property
    def decline_reason(self) -> str:
        """Why the latest card was refused; '' when none was."""
        is_declined = self.payment is not None and self.payment.status == PaymentStatus.DECLINED
        return self.payment.decline_reason if self.payment and is_declined else ""


def progress_of(*, request: HttpRequest, reference: str) -> Progress:
    """Read where a customer's booking stands. Raises: BookingNotFound. Three queries."""
    booking = booking_selectors.booking_get_for_customer(customer=me(request), reference=reference)
    payment = finance_selectors.payment_of_booking(customer=me(request), reference=reference)
    return Progress(booking, payment, timezone.now())


StageView = Callable[[HttpRequest, Progress], HttpResponse]


def at_stage(*stages: Stage) -> Callable[[StageView], Callable[[HttpRequest, str], HttpResponse]]:
    """Give the view the booking's progress; a booking that stands elsewhere leads to its own page instead."""

    def decorate(view: StageView) -> Callable[[HttpRequest, str], HttpResponse]:
        @wraps(view)
        def entered(request: HttpRequest, reference: str) -> HttpResponse:
            progress = progress_of(request=request, reference=reference)
            if progress.stage not in stages:
                return redirect_page(request, progress.url)
            return view(request, progress)

        return entered

    return decorate
