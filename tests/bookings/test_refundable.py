"""What previews, pages and messages say comes back when a supplier ends a booking is what comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings import selectors, services
from bookings.models import Booking
from finance import services as finance_services
from tests.bookings.test_slips import asked, delay
from tests.factories import NOW, EmployeeFactory, LaunchFactory, MemberFactory, make_booking

pytestmark = pytest.mark.django_db

BOUGHT = NOW + timedelta(days=120)  # within twelve months of the departure: 70 % of a seat come back


@pytest.fixture
def launch():
    return LaunchFactory()


def booked(launch, *, cancels=0, goodwill=0):
    """Three seats for 1,350,000, of which some are cancelled again and goodwill is given."""
    booking = make_booking(launch=launch, seats=3, now=BOUGHT)
    who = {"customer": booking.customer, "reference": booking.reference}
    if cancels:
        chosen = list(booking.passengers.order_by("pk").values_list("pk", flat=True)[:cancels])
        quote = services.cancellation_quote(**who, passenger_ids=chosen, now=BOUGHT)
        services.booking_cancel(**who, quote_id=quote.pk, now=BOUGHT)
    if goodwill:
        finance_services.refund_goodwill(
            actor=EmployeeFactory(employee_role="finance"), reference=booking.reference, amount=Decimal(goodwill),
            reason="Sorry", now=BOUGHT,
        )  # fmt: skip
    return booking


@pytest.mark.parametrize(
    ("cancels", "goodwill", "back"),
    [(0, 0, 1350000), (1, 0, 900000), (2, 0, 450000), (0, 1000, 1349000), (1, 150000, 885000)],
    ids=["all seats", "one cancelled", "two cancelled", "goodwill", "both"],
)
def test_who_leaves_gets_what_was_said_everywhere(launch, cancels, goodwill, back):
    """The share kept of a seat that was cancelled before stays kept, also as what goodwill is taken from."""
    booking = booked(launch, cancels=cancels, goodwill=goodwill)
    given = Booking.objects.get(pk=booking.pk).refund_amount
    member = MemberFactory(supplier=launch.supplier).user
    preview = selectors.delay_preview(
        actor=member, launch_id=launch.pk, departure_at=launch.departure_at + timedelta(days=40), now=BOUGHT
    )
    effect = selectors.launch_effect(launch_id=launch.pk)
    delay(launch, now=BOUGHT)
    decision = selectors.slip_find(decision_id=asked(booking).pk)

    services.slip_answer(decision_id=decision.pk, answer="refund", now=BOUGHT)

    assert Booking.objects.get(pk=booking.pk).refund_amount - given == Decimal(back)
    assert preview.refundable == {"USD": Decimal(back)}
    assert effect.refundable == selectors.slip_amount(decision) == Decimal(back)
