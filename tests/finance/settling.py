"""What tests of settled launches share: events handled in the test's own transaction, launches that end."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from common import outbox_consumers
from common.models import OutboxEvent
from finance.models import Invoice, SupplierStatement
from launches import services as launch_services
from tests.factories import NOW, LaunchFactory

AFTER = NOW + timedelta(days=425)
_handled: set[int] = set()


def handle_events(*, consumers=("bookings", "finance")) -> None:
    """Have every event that was not handled here yet handled, in order, and those that follow from it."""
    while rows := [row for row in OutboxEvent.objects.order_by("pk") if row.pk not in _handled]:
        for row in rows:
            _handled.add(row.pk)
            for consumer in consumers:
                outbox_consumers.handle(consumer, [outbox_consumers.delivered(row)])


def make_launch(supplier=None, *, days_later=0, **fields):
    """A launch that is confirmed, departing just before AFTER (and some days)."""
    if supplier is not None:
        from tests.factories import RocketFactory

        fields["rocket"] = RocketFactory(supplier=supplier)
    return LaunchFactory(
        status="confirmed", departure_at=AFTER - timedelta(hours=1) + timedelta(days=days_later), **fields
    )


def end(launch, outcome="launched", *, now=AFTER):
    """Let a launch end; its bookings and refunds follow, and it is settled when they are at rest."""
    if outcome == "aborted":
        launch_services.launch_abort(actor=None, launch_id=launch.pk, reason="A leak.", now=NOW)
    else:
        reason = "It turned back." if outcome == "failed" else ""
        launch_services.launch_mark_flown(actor=None, launch_id=launch.pk, outcome=outcome, reason=reason, now=now)
    handle_events()


def billed(booking) -> Decimal:
    """Invoices less credit notes."""
    rows = Invoice.objects.filter(booking=booking)
    return sum((one.amount if one.kind == "customer" else -one.amount for one in rows), Decimal(0))


def settled(launch) -> SupplierStatement:
    """A statement of the launch with an invoice, as if it had flown."""
    today = timezone.now().date()
    bill = Invoice.objects.create(
        kind="supplier", series="S", year=today.year, number=1, launch=launch, supplier=launch.supplier,
        amount=10, currency="USD", lines=[], issued_on=today, due_on=today,
    )  # fmt: skip
    return SupplierStatement.objects.create(
        launch=launch, supplier=launch.supplier, invoice=bill, currency="USD", lines=[], collected_amount=1000,
        refunded_amount=0, fee_amount=10, payout_amount=990, issued_at=timezone.now(),
    )  # fmt: skip
