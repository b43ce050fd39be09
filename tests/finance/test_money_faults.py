"""
Seeded money faults: each is done to books that agree, by SQL or in the gateway's own books, as a bug, an operator or a
bad day would; then `money_reconcile` says what it is, makes it good where it can, and finds nothing more of it.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from bookings import services as booking_services
from bookings.models import Booking
from common import outbox_delivery
from finance.enums import MoneyDifference as Difference
from finance.models import (
    Invoice,
    LedgerEntry,
    LedgerMovement,
    Payment,
    Refund,
    SandboxCharge,
    SandboxRefund,
    SupplierStatement,
)
from finance.services import booking_pay
from finance.services.ledger import Line, movement_post, payout_post
from finance.services.reconciling import money_reconcile
from tests.factories import NOW, LaunchFactory, card, make_booking, make_pending

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)
PRICE = Decimal(450000)
BACK = PRICE * 90 / 100


@dataclass(frozen=True)
class World:
    """Books that agree: a paid booking, one that was cancelled and refunded, one being paid."""

    paid: Booking
    cancelled: Booking
    waiting: Booking

    @property
    def payment(self) -> Payment:
        return self.paid.payments.get()

    @property
    def refund(self) -> Refund:
        return self.cancelled.refunds.get()


def deliver() -> None:
    while outbox_delivery.deliver(consumer="finance"):
        pass


def cancel(booking: Booking) -> None:
    quote = booking_services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=NOW)
    booking_services.booking_cancel(
        customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW + timedelta(minutes=2)
    )


@pytest.fixture
def world() -> World:
    launch = LaunchFactory()
    paid, cancelled = make_booking(launch=launch), make_booking(launch=launch)
    cancel(cancelled)
    waiting = make_pending(launch=launch)
    booking_pay(
        customer=waiting.customer,
        reference=waiting.reference,
        card=card("4000 0025 0000 3155"),
        now=NOW + timedelta(minutes=1),
    )
    deliver()
    cancelled.refresh_from_db()
    return World(paid, cancelled, waiting)


def sql(statement, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def unguarded():
    """Take the guards of the ledger off, which only the owner of its tables can; the faults get in here."""
    _guard("DISABLE")
    try:
        yield
    finally:
        _guard("ENABLE")


def _guard(what) -> None:
    for table in ("finance_ledgermovement", "finance_ledgerentry"):
        sql(f"ALTER TABLE {table} {what} TRIGGER USER")


def unpost(source) -> None:
    with unguarded():
        sql("DELETE FROM finance_ledgerentry e USING finance_ledgermovement m "
            "WHERE m.id = e.movement_id AND m.source = %s", source)  # fmt: skip
        sql("DELETE FROM finance_ledgermovement WHERE source = %s", source)
    assert not LedgerMovement.objects.filter(source=source).exists()


# --- the faults -------------------------------------------------------------------------------------------------------
def charge_entry_missing(world):
    unpost(f"charge:{world.payment.pk}")


def refund_entry_missing(world):
    unpost(f"refund:{world.refund.pk}")


def refund_doubled(world):
    sent = SandboxRefund.objects.get(key=str(world.refund.pk))
    SandboxRefund.objects.create(key="by hand", charge=sent.charge, reference="sr_twice", amount=sent.amount)


def refund_not_at_gateway(world):
    SandboxRefund.objects.all().delete()


def currency_wrong_at_gateway(world):
    SandboxCharge.objects.filter(key=str(world.payment.pk)).update(currency="EUR")


def cent_off_at_gateway(world):
    SandboxCharge.objects.filter(key=str(world.payment.pk)).update(amount=PRICE - Decimal("0.01"))


def amount_off_at_gateway(world):
    SandboxCharge.objects.filter(key=str(world.payment.pk)).update(amount=PRICE - 1000)


def callback_lost(world):
    SandboxCharge.objects.filter(key=str(world.waiting.payments.get().pk)).update(outcome="succeeded")


def callback_lost_of_given_up(world):
    Payment.objects.filter(pk=world.waiting.payments.get().pk).update(status="declined", settled_at=NOW)
    callback_lost(world)


def charge_orphaned(world):
    SandboxCharge.objects.create(
        key="nobody", reference="sb_orphan", amount=5, currency="USD", outcome="succeeded", card_last4="4242"
    )


def payment_unknown_to_gateway(world):
    SandboxCharge.objects.filter(key=str(world.payment.pk)).delete()


def fee_and_payout_missing(world):
    launch = world.paid.launch
    invoice = Invoice.objects.create(
        kind="supplier", series="S", year=2027, number=1, launch=launch, supplier=launch.supplier, currency="USD",
        amount=4950, lines=[], issued_on=NOW.date(), due_on=NOW.date(), status="paid",
    )  # fmt: skip
    SupplierStatement.objects.create(
        launch=launch, supplier=launch.supplier, invoice=invoice, currency="USD", lines=[], collected_amount=900000,
        refunded_amount=BACK, fee_amount=4950, payout_amount=490050, issued_at=NOW, paid_out_at=NOW,
    )  # fmt: skip


def invoice_missing(world):
    Invoice.objects.filter(booking=world.paid).delete()


def credit_note_missing(world):
    Invoice.objects.filter(booking=world.cancelled, kind="credit_note").delete()


def latest_number_lost(world):
    sql("UPDATE finance_invoiceseries SET latest_number = latest_number + 3 WHERE series = 'CN'")


def booking_reopened(world):
    Booking.objects.filter(pk=world.cancelled.pk).update(status="confirmed", cancelled_at=None, cancel_cause="")


def wrong_launch(world):
    other = LaunchFactory()
    with unguarded():
        sql("UPDATE finance_ledgerentry e SET launch_id = %s, supplier_id = %s FROM finance_ledgermovement m "
            "WHERE m.id = e.movement_id AND m.source = %s AND e.account = 'suppliers'",
            other.pk, other.supplier_id, f"charge:{world.payment.pk}")  # fmt: skip


def entry_of_another_amount(world):
    with unguarded():
        sql("UPDATE finance_ledgerentry e SET amount = amount * 2 FROM finance_ledgermovement m "
            "WHERE m.id = e.movement_id AND m.source = %s", f"refund_paid:{world.refund.pk}")  # fmt: skip


def movement_without_cause(world, **of):
    lines = [Line("gateway", Decimal(5)), Line("customers", Decimal(-5))]
    of = {"booking_id": world.paid.pk, "occurred_at": NOW, **of}
    with transaction.atomic():
        movement_post(kind="charge", source="charge:invented", currency="USD", lines=lines, **of)


def movement_of_nobody(world):
    movement_without_cause(world, booking_id=None)


def payout_orphaned(world):
    with transaction.atomic():
        payout_post(statement_id=999, launch_id=world.paid.launch_id, amount=PRICE, currency="USD", now=NOW)


def refund_answer_lost(world):
    unpost(f"refund_paid:{world.refund.pk}")
    Refund.objects.filter(pk=world.refund.pk).update(
        status="requested", gateway_reference="", settled_at=None, retry_at=LATER
    )


def refund_never_owed(world):
    for source in (f"refund_paid:{world.refund.pk}", f"refund:{world.refund.pk}"):
        unpost(source)
    SandboxRefund.objects.all().delete()
    Refund.objects.all().delete()


def paid_without_seats(world):
    Booking.objects.filter(pk=world.paid.pk).update(status="expired", confirmed_at=None)


def price_altered(world):
    Booking.objects.filter(pk=world.paid.pk).update(price_amount=PRICE + 1)


@dataclass(frozen=True)
class Fault:
    seed: Callable[[World], None]
    kinds: tuple[str, ...]
    is_repaired: bool
    says: str
    beside: tuple[str, ...] = ()  # classes of what is left for people though the fault is made good


FAULTS = (
    # those that docs/ledger.md numbers, some in two shapes
    Fault(charge_entry_missing, (Difference.ENTRY_MISSING,), True, "It was posted."),
    Fault(refund_entry_missing, (Difference.ENTRY_MISSING,), True, "It was posted."),
    Fault(refund_doubled, (Difference.REFUND_DOUBLED,), True, "It was booked as our loss; ask the customer for it."),
    Fault(refund_not_at_gateway, (Difference.REFUND_NOT_SENT,), True, "It was sent again and is paid."),
    Fault(currency_wrong_at_gateway, (Difference.CURRENCY_DIFFERS,), False, "no rate says what it is worth"),
    Fault(cent_off_at_gateway, (Difference.ROUNDING,), True, "The difference was booked as ours."),
    Fault(amount_off_at_gateway, (Difference.AMOUNT_DIFFERS,), False, "collect or refund the difference"),
    Fault(callback_lost, (Difference.CALLBACK_LOST,), True, "It is recorded and its booking confirmed."),
    Fault(callback_lost_of_given_up, (Difference.CALLBACK_LOST,), True, "It is recorded and being refunded"),
    Fault(charge_orphaned, (Difference.CHARGE_ORPHANED,), False, "refund it at the gateway"),
    Fault(payment_unknown_to_gateway, (Difference.PAYMENT_UNKNOWN,), False, "ask the gateway"),
    Fault(fee_and_payout_missing, (Difference.ENTRY_MISSING, Difference.ENTRY_MISSING), True, "It was posted."),
    Fault(invoice_missing, (Difference.INVOICE_MISSING,), True, "It was issued.", (Difference.NUMBER_MISSING,)),
    Fault(credit_note_missing, (Difference.CREDIT_NOTE_MISSING,), True, "It was issued.", (Difference.NUMBER_MISSING,)),
    Fault(booking_reopened, (Difference.BOOKING_REOPENED,), False, "Its seats may be sold again"),
    Fault(wrong_launch, (Difference.WRONG_LAUNCH,), True, "A repair was posted."),
    Fault(payout_orphaned, (Difference.ENTRY_UNEXPLAINED,), False, "Find out who wrote it"),
    # and their cousins
    Fault(entry_of_another_amount, (Difference.ENTRY_DIFFERS,), True, "A repair was posted."),
    Fault(movement_without_cause, (Difference.ENTRY_UNEXPLAINED,), False, "Find out who wrote it"),
    Fault(movement_of_nobody, (Difference.ENTRY_UNEXPLAINED,), False, "Find out who wrote it"),
    Fault(latest_number_lost, (Difference.NUMBER_MISSING,), False, "a number is not given twice"),
    Fault(refund_answer_lost, (Difference.REFUND_ANSWER_LOST,), True, "It is recorded as paid."),
    Fault(refund_never_owed, (Difference.REFUND_NOT_OWED,), True, "It is owed now and sent."),
    Fault(paid_without_seats, (Difference.PAID_WITHOUT_SEATS,), False, "refund what was collected"),
    Fault(price_altered, (Difference.BALANCE_DIFFERS, Difference.INVOICE_DIFFERS), False, "Nothing: look at its"),
)


def reconcile(**options):
    return money_reconcile(now=LATER, settle_s=0, **options)


def kinds(run) -> tuple[str, ...]:
    return tuple(finding["class"] for finding in run.findings)


def test_books_that_agree_are_left_alone(world):
    movements = LedgerMovement.objects.count()

    run = reconcile()

    assert (run.findings, run.found, run.repaired) == ([], 0, 0)
    assert run.looked_at == 3 + 1 + 3  # charges, a refund, bookings
    assert LedgerMovement.objects.count() == movements


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.seed.__name__ for fault in FAULTS])
def test_a_fault_is_found_and_made_good_where_it_can_be(world, fault):
    fault.seed(world)

    dry = reconcile(is_dry_run=True)
    run = reconcile()
    deliver()
    again = reconcile()

    assert kinds(dry) == fault.kinds + fault.beside
    assert kinds(run) == fault.kinds + fault.beside
    of_fault, beside = run.findings[: len(fault.kinds)], run.findings[len(fault.kinds) :]
    assert [finding["repaired"] for finding in of_fault] == [fault.is_repaired] * len(fault.kinds)
    assert [finding["repaired"] for finding in beside] == [False] * len(fault.beside)
    assert all(fault.says in finding["done"] for finding in of_fault)
    assert kinds(again) == (fault.beside if fault.is_repaired else fault.kinds)
    assert LedgerEntry.objects.aggregate(total=Sum("amount"))["total"] == 0


def test_most_faults_are_made_good_by_themselves():
    assert sum(fault.is_repaired for fault in FAULTS[:17]) >= 9
