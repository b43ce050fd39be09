"""Reconciling money: what moves is left alone, one run at a time, and a whole life is explained."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.enums import EmployeeRole
from bookings import services as booking_services
from bookings.models import Booking, Rebooking
from common import outbox_delivery
from common.models import OutboxEvent
from finance import selectors, tasks
from finance.enums import MovementKind
from finance.errors import GatewayUnavailable, MoneyReconciliationRunning
from finance.gateways.books import SandboxBooks
from finance.models import (
    Invoice,
    LedgerMovement,
    MoneyReconciliationRun,
    Refund,
    SandboxCharge,
    SandboxRefund,
    SupplierStatement,
)
from finance.services import (
    invoice_payment_record,
    launches_settle_due,
    rebooking_pay,
    refund_goodwill,
    refund_paid_by_hand,
    statement_pay_out,
)
from finance.services.ledger import Line, movement_post
from finance.services.reconciling import bookings as bookings_check
from launches import services as launch_services
from tests.factories import NOW, EmployeeFactory, LaunchFactory, card, make_booking
from tests.finance import settling
from tests.finance.reconciling import kinds, reconcile
from tests.finance.test_money_faults import cancel, deliver, unpost

pytestmark = pytest.mark.django_db(transaction=True)


# --- what moves is left alone -----------------------------------------------------------------------------------------
def test_what_finance_has_still_to_hear_is_no_difference():
    booking = make_booking(launch=LaunchFactory())
    deliver()
    cancel(booking)  # the event that owes the refund and issues the credit note is on its way

    assert kinds(reconcile()) == []
    assert not Refund.objects.exists()

    deliver()
    assert kinds(reconcile()) == []


def test_a_charge_of_this_minute_is_no_difference():
    SandboxCharge.objects.create(
        key="nobody", reference="sb_new", amount=5, currency="USD", outcome="succeeded", card_last4="4242"
    )

    assert kinds(reconcile(now=timezone.now())) == []
    assert kinds(reconcile(now=timezone.now() + timedelta(minutes=2))) == ["charge_orphaned"]


def test_a_booking_that_somebody_works_on_is_left_to_the_next_run():
    booking = make_booking(launch=LaunchFactory())
    deliver()
    unpost(f"charge:{booking.payments.get().pk}")
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM bookings_booking WHERE id = %s FOR UPDATE", [booking.pk])

        assert kinds(reconcile()) == []
    finally:
        other.close()

    assert kinds(reconcile()) == ["entry_missing"]


def test_a_refund_paid_by_hand_is_not_sent_again_and_comes_from_the_bank():
    booking = make_booking(launch=LaunchFactory())
    cancel(booking)
    SandboxCharge.objects.update(is_refundable=False)
    deliver()
    Refund.objects.update(status="failed", retry_at=None)
    refund = Refund.objects.get()
    refund_paid_by_hand(
        actor=EmployeeFactory(employee_role=EmployeeRole.FINANCE), refund_id=refund.pk, note="wire 7", now=NOW
    )
    deliver()
    SandboxCharge.objects.update(is_refundable=True)

    assert kinds(reconcile()) == []

    assert not SandboxRefund.objects.exists()
    entries = LedgerMovement.objects.get(source=f"refund_paid:{refund.pk}").entries.order_by("pk")
    assert list(entries.values_list("account", "amount")) == [("customers", 405000), ("bank", -405000)]


def test_a_day_narrows_what_is_looked_at():
    booking = make_booking(launch=LaunchFactory())
    deliver()
    unpost(f"charge:{booking.payments.get().pk}")

    assert kinds(reconcile(day=(NOW - timedelta(days=400)).date())) == []
    found = reconcile(day=NOW.date())

    assert (kinds(found)[0], found.day) == ("entry_missing", NOW.date())


def test_many_differences_over_several_chunks_are_all_made_good(monkeypatch):
    monkeypatch.setattr(bookings_check, "CHUNK", 2)
    monkeypatch.setattr("finance.gateways.books.CHUNK", 2)
    monkeypatch.setattr("finance.services.reconciling.lists.BATCH", 2)
    monkeypatch.setattr("finance.services.reconciling.findings.NAMED_UP_TO", 3)
    launch = LaunchFactory()
    for _ in range(5):
        unpost(f"charge:{make_booking(launch=launch).payments.get().pk}")
    deliver()

    run = reconcile()

    assert (run.looked_at, run.found, run.repaired, len(run.findings)) == (10, 5, 5, 3)
    assert kinds(reconcile()) == []


# --- what belongs to nobody -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", MovementKind)
def test_a_movement_of_no_booking_is_found_whatever_its_kind(kind):
    lines = [Line("gateway", Decimal(5)), Line("customers", Decimal(-5))]
    source = "charge:invented"
    with transaction.atomic():
        movement_post(
            kind=kind,
            source=f"repair:{source}:1" if kind == "repair" else f"{kind}:invented",
            currency="USD",
            lines=lines,
            occurred_at=NOW,
        )

    run = reconcile()

    subject = source if kind == "repair" else f"{kind}:invented"
    assert [(one["class"], one["subject"], one["repaired"]) for one in run.findings] == [
        ("entry_unexplained", subject, False)
    ]


# --- one at a time, and what a run leaves -----------------------------------------------------------------------------
def test_one_run_at_a_time():
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('finance.reconcile_money', 0))")

    with pytest.raises(MoneyReconciliationRunning):
        reconcile()
    assert tasks.money_reconcile().startswith("A reconciliation of money is still running.")
    assert not MoneyReconciliationRun.objects.exists()

    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    assert reconcile().finished_at is not None


def test_a_dry_run_writes_nothing_and_tells_nobody():
    booking = make_booking(launch=LaunchFactory())
    deliver()
    Invoice.objects.all().delete()
    unpost(f"charge:{booking.payments.get().pk}")

    run = reconcile(is_dry_run=True)

    assert (kinds(run), run.repaired) == (["entry_missing", "invoice_missing", "number_missing"], 0)
    assert not Invoice.objects.exists()
    assert not LedgerMovement.objects.exists()
    assert not OutboxEvent.objects.filter(name="finance.reconciliation.differences_found").exists()


def test_finance_is_told_of_what_was_found():
    make_booking(launch=LaunchFactory())
    deliver()
    assert reconcile().found == 0
    assert not OutboxEvent.objects.filter(name="finance.reconciliation.differences_found").exists()
    Invoice.objects.all().delete()
    Booking.objects.update(price_amount=Decimal(1))

    run = reconcile()

    told = OutboxEvent.objects.get(name="finance.reconciliation.differences_found")
    assert told.payload == {"run_id": run.pk, "found": 3, "repaired": 1, "left": 2}


def test_a_gateway_that_does_not_answer_is_said_and_the_rest_is_looked_at(monkeypatch):
    booking = make_booking(launch=LaunchFactory())
    deliver()
    unpost(f"charge:{booking.payments.get().pk}")

    def away(*args, **kwargs):
        raise GatewayUnavailable("The gateway does not answer.")

    monkeypatch.setattr(SandboxBooks, "charges_list", away)

    assert kinds(reconcile()) == ["gateway_silent", "entry_missing"]


def test_a_repair_that_is_refused_is_said_and_left_for_people():
    booking = make_booking(launch=LaunchFactory())
    cancel(booking)
    deliver()
    SandboxRefund.objects.all().delete()
    SandboxCharge.objects.update(is_refundable=False)

    run = reconcile()

    assert kinds(run) == ["refund_not_sent"]
    assert (run.repaired, "the account is closed" in run.findings[0]["done"]) == (0, True)


# --- a whole life -----------------------------------------------------------------------------------------------------
def deliver_all() -> None:
    while sum(outbox_delivery.deliver(consumer=name) for name in ("bookings", "finance")):
        pass


def move(booking, price) -> Rebooking:
    """Move a booking to a launch of another price; a dearer one is paid for, a cheaper one gives money back."""
    old = booking.launch
    target = LaunchFactory(
        rocket=old.rocket, destination=old.destination, price_amount=price, departure_at=old.departure_at
    )
    opened = booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, seat_ids=[], now=NOW
    )
    if price > old.price_amount:
        rebooking_pay(customer=booking.customer, rebooking_id=opened.pk, card=card(), now=NOW + timedelta(minutes=5))
    else:
        booking_services.rebooking_confirm(customer=booking.customer, rebooking_id=opened.pk, now=NOW)
    deliver_all()
    booking.refresh_from_db()
    return opened


def test_a_booking_that_moved_to_and_fro_is_explained_and_a_lost_transfer_is_posted():
    booking = make_booking(launch=LaunchFactory())
    deliver_all()
    dearer = move(booking, Decimal(500000))
    cheaper = move(booking, Decimal(300000))
    cancel(booking)
    deliver_all()

    assert kinds(reconcile()) == []
    assert {one.kind for one in LedgerMovement.objects.all()} == {"charge", "transfer", "refund", "refund_paid"}

    unpost(f"transfer:{dearer.pk}")
    run = reconcile()

    assert (kinds(run), run.repaired) == (["entry_missing"], 1)
    assert kinds(reconcile()) == []
    owed = selectors.launch_balance(launch_id=cheaper.to_launch_id, currency="USD")
    assert (owed, selectors.launch_balance(launch_id=dearer.from_launch_id, currency="USD")) == (32000, 0)


@pytest.mark.parametrize("outcome", ["launched", "failed", "aborted"])
def test_a_launch_that_is_over_and_paid_out_is_explained(outcome):
    launch = settling.make_launch()
    booking = make_booking(launch=launch)
    cancelled = make_booking(launch=launch)
    cancel(cancelled)
    deliver_all()
    finance = EmployeeFactory(employee_role=EmployeeRole.FINANCE)
    refund_goodwill(actor=finance, reference=booking.reference, amount=Decimal(1000), reason="Sorry", now=NOW)
    deliver_all()
    if outcome == "aborted":
        launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=NOW)
    else:
        launch_services.launch_mark_flown(
            actor=None, launch_id=launch.pk, outcome=outcome, reason="It turned back.", now=settling.AFTER
        )
    deliver_all()
    launches_settle_due(now=settling.AFTER)  # what the event came too early for
    statement = SupplierStatement.objects.get()
    statement_pay_out(actor=None, statement_id=statement.pk, now=settling.AFTER)
    if outcome == "aborted":
        invoice_payment_record(
            actor=finance,
            invoice_id=Invoice.objects.get(kind="supplier").pk,
            amount=Decimal(400),
            received_on=NOW.date(),
            now=settling.AFTER,
        )

    assert kinds(reconcile(now=settling.AFTER + timedelta(days=1))) == []
    posted = set(LedgerMovement.objects.values_list("kind", flat=True))
    expected = {"launched": {"fee"}, "failed": set(), "aborted": {"fee", "receipt"}}[outcome]
    assert posted & {"fee", "payout", "receipt"} == {*expected, "payout"}  # what the cancelled one had left is paid out
