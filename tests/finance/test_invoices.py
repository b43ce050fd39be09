"""Customers' invoices and credit notes: one a leg, never credited below nothing, net and tax that add up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bookings import services as booking_services
from common.models import OutboxEvent
from common.money import CURRENCIES, round_money
from finance import errors, policies, services
from finance.models import Invoice
from finance.services.invoices import Leg
from finance.services.numbering import number_draw
from tests.factories import NOW, EmployeeFactory, LaunchFactory, make_booking
from tests.finance.settling import billed, handle_events

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def codes(booking) -> list[str]:
    return [one.code for one in Invoice.objects.filter(booking=booking).order_by("pk")]


def cancel(booking, *, passengers=1, at=NOW):
    chosen = [one.pk for one in booking.passengers.filter(cancelled_at=None).order_by("pk")[:passengers]]
    quote = booking_services.cancellation_quote(
        customer=booking.customer, reference=booking.reference, passenger_ids=chosen, now=at
    )
    booking_services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=at)
    booking.refresh_from_db()


def move(booking, *, to, old, new, leg=2, event_id=9_000):
    """What the event of a move makes finance do."""
    return services.invoices_for_moved(
        booking_id=booking.pk,
        event_id=event_id,
        leg=Leg(number=leg, launch_id=to.pk, amount=Decimal(new)),
        old_price_amount=Decimal(old),
        today=TODAY,
    )


def test_a_confirmed_booking_has_one_invoice_however_often_it_is_told():
    booking = make_booking(launch=LaunchFactory(), seats=2)
    handle_events()
    (invoice,) = Invoice.objects.all()

    again = services.invoice_issue(booking_id=booking.pk, event_id=77, today=TODAY)

    assert again == invoice
    assert (invoice.amount, invoice.paid_amount, invoice.status, invoice.leg) == (900_000, 900_000, "paid", 1)
    assert invoice.code == f"C-{timezone.now().year}-000001"
    assert [(line["text"].split(",")[0], line["amount"]) for line in invoice.lines] == [
        ("Seat A1", "450000.00"),
        ("Seat B1", "450000.00"),
    ]
    assert invoice.lines[0]["detail"] == f"departs {booking.launch.departure_text}"


def test_refunds_are_credited_once_and_name_their_invoice():
    booking = make_booking(launch=LaunchFactory(), seats=2)
    cancel(booking)
    handle_events()

    cancelled = OutboxEvent.objects.get(name="bookings.booking.cancelled")
    (again,) = services.credit_note_issue(
        booking_id=booking.pk, event_id=cancelled.pk, amount=Decimal(405_000), reason="twice", today=TODAY
    )

    note = Invoice.objects.get(kind="credit_note")
    assert again == note
    assert (note.amount, note.corrects.kind, note.status) == (405_000, "customer", "paid")
    assert billed(booking) == booking.price_amount - booking.refund_amount == 495_000


def test_credits_never_go_beyond_what_was_billed():
    booking = make_booking(launch=LaunchFactory())
    handle_events()

    notes = [
        services.credit_note_issue(
            booking_id=booking.pk, event_id=100 + n, amount=Decimal(300_000), reason="goodwill", today=TODAY
        )
        for n in range(3)
    ]

    assert [[one.amount for one in found] for found in notes] == [[300_000], [150_000], []]
    assert billed(booking) == 0


def test_a_moved_booking_is_credited_on_the_old_leg_and_billed_on_the_new_one():
    old, new = LaunchFactory(), LaunchFactory(price_amount=500_000)
    booking = make_booking(launch=old, seats=2)
    handle_events()

    invoice, note = move(booking, to=new, old=900_000, new=1_000_000)
    again = move(booking, to=new, old=900_000, new=1_000_000)

    assert (invoice.leg, invoice.launch, invoice.amount) == (2, new, 1_000_000)
    assert (note.amount, note.corrects.leg, note.launch) == (900_000, 1, old)
    assert again == []
    assert billed(booking) == 1_000_000


def test_what_was_kept_of_a_seat_cancelled_before_the_move_stays_billed():
    booking = make_booking(launch=LaunchFactory(), seats=2)
    cancel(booking)  # 405,000 of 450,000 come back
    handle_events()

    move(booking, to=LaunchFactory(), old=450_000, new=400_000)

    assert billed(booking) == 45_000 + 400_000


def test_goodwill_before_a_move_lowers_the_new_invoice():
    booking = make_booking(launch=LaunchFactory())
    services.refund_goodwill(
        actor=EmployeeFactory(employee_role="finance"),
        reference=booking.reference,
        amount=Decimal(50_000),
        reason="a cold meal",
        now=NOW,
    )
    handle_events()

    invoice, *notes = move(booking, to=LaunchFactory(), old=450_000, new=450_000)

    assert [(one.corrects.leg, one.amount) for one in notes] == [(1, 400_000), (2, 50_000)]
    booking.refresh_from_db()
    assert billed(booking) == booking.price_amount - booking.refund_amount == 400_000


def test_a_refund_after_a_move_comes_off_the_new_leg_first():
    booking = make_booking(launch=LaunchFactory(), seats=2)
    cancel(booking)
    handle_events()
    move(booking, to=LaunchFactory(), old=450_000, new=400_000)

    notes = services.credit_note_issue(
        booking_id=booking.pk, event_id=501, amount=Decimal(445_000), reason="everything", today=TODAY
    )

    assert [(one.corrects.leg, one.amount) for one in notes] == [(2, 400_000), (1, 45_000)]
    assert billed(booking) == 0


def test_a_move_waits_for_the_first_invoice():
    booking = make_booking(launch=LaunchFactory())

    with pytest.raises(errors.InvoiceNotFound):
        move(booking, to=LaunchFactory(), old=450_000, new=450_000)

    assert not Invoice.objects.exists()


def test_an_invoice_issued_after_the_booking_moved_bills_what_was_paid_then():
    booking, elsewhere = make_booking(launch=LaunchFactory()), LaunchFactory()
    first = booking.launch
    type(booking).objects.update(launch=elsewhere, leg=2, price_amount=600_000)
    booking.passengers.update(price_amount=600_000)

    handle_events()

    invoice = Invoice.objects.get()
    assert (invoice.leg, invoice.launch, invoice.amount) == (1, first, 450_000)
    assert [line["text"] for line in invoice.lines] == [f"Seats, {first.title}"]


def test_tax_is_contained_and_a_full_credit_gives_all_of_it_back(settings):
    settings.TAX_PERCENT = Decimal("19")
    booking = make_booking(launch=LaunchFactory(price_amount=Decimal("100.01")))
    handle_events()
    settings.TAX_PERCENT = Decimal("7")  # a credit note keeps the rate of its invoice

    for number, amount in enumerate(("33.33", "33.33", "33.35"), start=600):
        services.credit_note_issue(
            booking_id=booking.pk, event_id=number, amount=Decimal(amount), reason="part", today=TODAY
        )

    invoice, *notes = Invoice.objects.order_by("pk")
    assert (invoice.tax_percent, invoice.tax_amount) == (19, Decimal("15.97"))
    assert {one.tax_percent for one in notes} == {19}
    assert sum(one.tax_amount for one in notes) == invoice.tax_amount


def test_a_number_needs_a_transaction_and_a_rollback_leaves_no_gap():
    first = number_draw(series="T", year=2027)
    with transaction.atomic():
        lost = number_draw(series="T", year=2027)
        transaction.set_rollback(True)

    assert lost == 2
    assert (first, number_draw(series="T", year=2027), number_draw(series="T", year=2028)) == (1, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_number_is_refused_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        number_draw(series="T", year=2027)


amounts = st.decimals(min_value=0, max_value=10_000_000, places=2)
percents = st.decimals(min_value=0, max_value=30, places=2)


@given(amount=amounts, percent=percents, currency=st.sampled_from(CURRENCIES))
def test_net_and_tax_always_add_up_to_the_amount(amount, percent, currency):
    amount = round_money(amount, currency)

    tax = policies.tax_contained(amount=amount, percent=percent, currency=currency)
    net = amount - tax

    assert tax == round_money(tax, currency)
    assert net == round_money(net, currency)
    assert 0 <= tax <= amount
    unit = Decimal(1) if currency == "JPY" else Decimal("0.01")
    assert abs(net * percent / 100 - tax) <= unit * (1 + percent / 100)


@given(parts=st.lists(amounts, min_size=1, max_size=6), percent=percents)
def test_credits_over_a_whole_invoice_contain_exactly_its_tax(parts, percent):
    whole, credited, taxes = sum(parts), Decimal(0), []
    for part in parts:
        taxes.append(policies.credit_tax(credited=credited, amount=part, percent=percent, currency="USD"))
        credited += part

    assert sum(taxes) == policies.tax_contained(amount=whole, percent=percent, currency="USD")
    assert min(taxes) >= 0


@given(amount=amounts, remaining=st.lists(amounts, max_size=5))
def test_a_credit_is_spread_without_loss_and_never_beyond_what_remains(amount, remaining):
    shares = policies.credit_split(amount=amount, remaining=remaining)

    assert sum(shares) == min(amount, sum(remaining))
    assert all(0 <= share <= rest for share, rest in zip(shares, remaining, strict=True))


def test_the_due_day_is_thirty_days_off():
    make_booking(launch=LaunchFactory())
    handle_events()

    invoice = Invoice.objects.get()

    assert invoice.due_on - invoice.issued_on == timedelta(days=30)
