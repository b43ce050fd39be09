"""A web process killed at each step of a move, a cancellation, a goodwill refund, a receipt: every seat, every cent."""

from datetime import timedelta
from decimal import Decimal
from itertools import count, cycle

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking, Rebooking
from finance import services as finance_services
from finance.models import Invoice, InvoicePayment, LedgerMovement, Refund
from launches import services as launch_services
from tests.factories import EmployeeFactory, LaunchFactory, make_booking
from tests.kills.soundness import assert_sound, jobs_run
from tests.kills.walks import (
    GOOD,
    LOST,
    MEANWHILE,
    assert_has_one_booking,
    card_body,
    finish,
    killed,
    launch_ahead,
    sister_ahead,
)
from tests.kills.webs import Request, ask, ask_again

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
CHEAPER, DEARER = Decimal(300000), Decimal(500000)


def bought(launch):
    return make_booking(launch=launch, seats=2, now=timezone.now())


def opened(booking, target):
    return booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=timezone.now()
    )


def opening(booking, target):
    path = f"customer/bookings/{booking.reference}/rebookings/"
    return Request(customer=booking.customer, path=path, body={"launch_id": target.pk})


def confirming(move):
    return Request(customer=move.booking.customer, path=f"customer/rebookings/{move.pk}/confirmation/")


def paying(move, card=GOOD):
    path = f"customer/rebookings/{move.pk}/payment/"
    return Request(customer=move.booking.customer, path=path, body=card_body(card))


def booking_of(request):
    return Booking.objects.get(customer=request.customer)


def where(request, target):
    booking = booking_of(request)
    return booking.rebookings.get().status, booking.launch_id == target.pk


def test_open_a_move():
    launch, meanwhile = launch_ahead(), cycle(MEANWHILE.values())
    target = sister_ahead(launch, price_amount=CHEAPER)

    for request in killed(lambda: opening(bought(launch), target)):
        booking = booking_of(request)
        assert (booking.launch_id, booking.leg, booking.status) == (launch.pk, 1, "confirmed")
        next(meanwhile)()
        assert ask_again(request).status == 201
        assert Rebooking.objects.filter(booking=booking_of(request), status="open").count() <= 1

        ask(confirming(opened(booking_of(request), target)))
        jobs_run()
        assert_has_one_booking(request.customer, target)

    assert_sound()


def test_move_to_a_cheaper_launch():
    launch, meanwhile = launch_ahead(), cycle(MEANWHILE)
    target, cut = sister_ahead(launch, price_amount=CHEAPER), set()

    for request in killed(lambda: confirming(opened(bought(launch), target))):
        how = next(meanwhile)
        cut.add((how, *where(request, target)))
        MEANWHILE[how]()
        finish(
            request, refusals=("rebooking_over",), fresh=lambda one=request: confirming(opened(booking_of(one), target))
        )
        jobs_run()
        assert_has_one_booking(request.customer, target)

    assert cut == {(how, *end) for how in MEANWHILE for end in (("open", False), ("done", True))}
    assert_sound()
    assert Refund.objects.filter(cause="customer").count() == Rebooking.objects.filter(status="done").count()


@pytest.mark.parametrize("card", [GOOD, LOST], ids=["good card", "answer lost"])
def test_move_to_a_dearer_launch(card):
    launch, meanwhile = launch_ahead(), cycle(MEANWHILE)
    target, cut = sister_ahead(launch, price_amount=DEARER), set()

    for request in killed(lambda: paying(opened(bought(launch), target), card)):
        how = next(meanwhile)
        cut.add((how, *where(request, target)))
        MEANWHILE[how]()
        finish(request, refusals=("rebooking_over",), fresh=lambda one=request: paying(opened(booking_of(one), target)))
        jobs_run()
        assert_has_one_booking(request.customer, target)

    reached = [("open", False), ("done", True)] if card == GOOD else [("open", False)]
    assert cut == {(how, *end) for how in MEANWHILE for end in reached}
    assert_sound()


def test_cancel():
    launch, meanwhile = launch_ahead(), cycle([lambda: None, jobs_run])

    def make():
        booking = bought(launch)
        quote = booking_services.cancellation_quote(
            customer=booking.customer, reference=booking.reference, now=timezone.now()
        )
        path = f"customer/bookings/{booking.reference}/cancellation/"
        return Request(customer=booking.customer, path=path, body={"quote_id": str(quote.pk)})

    for request in killed(make):
        next(meanwhile)()
        finish(request, refusals=(), fresh=lambda: None)
        jobs_run()
        booking = booking_of(request)
        assert (booking.status, booking.refunds.get().amount) == ("cancelled", booking.refund_amount)

    assert_sound()


def test_goodwill_is_given_once():
    launch, meanwhile, clerk = launch_ahead(), cycle([lambda: None, jobs_run]), EmployeeFactory()

    def make():
        path = f"employee/bookings/{bought(launch).reference}/goodwill-refund/"
        return Request(customer=clerk, path=path, body={"amount": "1000.00", "reason": "A long wait."})

    for request in killed(make):
        next(meanwhile)()
        finish(request, refusals=(), fresh=lambda: None)
        jobs_run()
        booking = Booking.objects.get(reference=request.path.split("/")[2])
        assert [refund.amount for refund in booking.refunds.all()] == [1000]

    assert_sound()


def test_a_receipt_is_recorded_once():
    launch = LaunchFactory(departure_at=timezone.now() + timedelta(days=500))
    launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=timezone.now())
    finance_services.launch_settle(launch_id=launch.pk, now=timezone.now())
    invoice, clerk = Invoice.objects.get(kind="supplier"), EmployeeFactory(employee_role="finance")
    path, today = f"employee/invoices/{invoice.pk}/payments/", str(timezone.now().date())
    notes, cut = map(str, count(1)), set()

    def make():
        return Request(customer=clerk, path=path, body={"amount": "1", "received_on": today, "note": next(notes)})

    for request in killed(make):
        cut.add(InvoicePayment.objects.filter(note=request.body["note"]).count())
        finish(request, refusals=(), fresh=lambda: None)
        assert InvoicePayment.objects.filter(note=request.body["note"]).count() == 1

    assert cut == {0, 1}  # both sides of the commit
    invoice.refresh_from_db()
    assert (
        invoice.paid_amount == InvoicePayment.objects.count() == LedgerMovement.objects.filter(kind="receipt").count()
    )
    rest = {"amount": str(invoice.open_amount), "received_on": today}
    assert ask(Request(customer=clerk, path=path, body=rest)).body["status"] == "paid"
    assert_sound()
