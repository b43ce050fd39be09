"""Events as other packages publish them, each with the rows that its message reads; every one that is told."""

from datetime import timedelta
from decimal import Decimal

from bookings.models import Hold, SlipDecision, WaitingEntry
from common.models import OutboxEvent, OutboxFailure
from finance.models import Invoice, Payment, Refund
from launches.models import Launch, Supplier, SupplierMember
from tests.notifications.builders import (
    DEPARTURE,
    HOSTILE,
    NOW,
    booking_payload,
    cancelled,
    confirmed,
    event,
    make_user,
)
from tests.portals.webhooks import make_endpoint


def launch_event(world, what: str, **payload):
    return event(
        f"launches.launch.{what}", launch_id=world.launch.pk, supplier_id=world.supplier.pk, version=2, **payload
    )


def delayed(world, **changes):
    payload = {
        "old_departure_at": DEPARTURE.isoformat(),
        "old_departure_precision": "minute",
        "departure_at": (DEPARTURE + timedelta(days=40)).isoformat(),
        "departure_precision": "quarter",
        "reason": "A valve.",
    } | changes
    return launch_event(world, "delayed", **payload)


def money_event(booking, name: str, **payload):
    return event(
        f"finance.{name}",
        booking_id=booking.pk,
        customer_id=booking.customer_id,
        amount="225000.50",
        currency="USD",
        **payload,
    )


def unpaid_invoice(world):
    return Invoice.objects.create(
        kind="supplier",
        series="S",
        year=2026,
        number=1,
        launch=world.launch,
        supplier=world.supplier,
        amount=1000,
        currency="USD",
        lines=[],
        issued_on=NOW.date(),
        due_on=NOW.date(),
    )


def suspended_supplier(language="en"):
    """A supplier that may not sell, with an owner."""
    supplier = Supplier.objects.create(
        slug="grounded", trade_name="Grounded Inc.", contact_email="desk@grounded.example", status="suspended"
    )
    owner = make_user("owner@grounded.example", kind="supplier", language=language)
    SupplierMember.objects.create(supplier=supplier, user=owner, role="owner")
    return supplier


def failed_refund(booking):
    """A refund that the gateway has given up on."""
    money = {"booking": booking, "amount": 225000, "currency": "USD", "created_at": NOW}
    payment = Payment.objects.create(gateway="sandbox", status="succeeded", **money)
    refused = {"status": "failed", "attempts": 9, "latest_error": "No such card"}
    return Refund.objects.create(payment=payment, cause="customer", dedupe_key=str(payment.pk), **refused, **money)


def open_slip(booking):
    return SlipDecision.objects.create(
        booking=booking,
        launch=booking.launch,
        event_id=1,
        old_departure_at=DEPARTURE - timedelta(days=40),
        new_departure_at=DEPARTURE,
        deadline_at=NOW + timedelta(days=14),
        created_at=NOW,
    )


def moved(booking, *, from_launch_id, old="900000", new="690000", **changes):
    values = {
        "to_launch_id": booking.launch_id,
        "from_launch_id": from_launch_id,
        "old_price_amount": old,
        "new_price_amount": new,
        "refund_amount": str(max(Decimal(old) - Decimal(new), 0)),
        "currency": "USD",
        "cause": "customer",
    } | changes
    return event("bookings.booking.moved", **booking_payload(booking), **values)


def offered_entry(world, customer):
    """Somebody waits and has an offer."""
    hold = Hold.objects.create(
        customer=customer,
        launch=world.launch,
        purpose="offer",
        price_amount=world.launch.price_amount,
        price_currency="USD",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
    )
    return WaitingEntry.objects.create(
        launch=world.launch, customer=customer, party=2, status="offered", hold=hold, joined_at=NOW, offered_at=NOW
    )


def waiting_events(world, customer):
    who = {"launch_id": world.launch.pk, "customer_id": customer.pk}
    entry = offered_entry(world, customer)
    place = {**who, "entry_id": entry.pk, "party": entry.party}
    yield event("bookings.waiting.offered", seat_labels=["1A", "2A"], **place)
    for reason in ("launch", "limit"):
        yield event("bookings.waiting.closed", reason=reason, **place)
    for kind, reference in (("hold", ""), ("booking", "QK7M3P"), ("move", "QK7M3P")):
        yield event("bookings.purchase.called_off", kind=kind, reference=reference, **who)
    undecided = Launch.objects.get(pk=world.launch.pk)
    undecided.pk, undecided.slug, undecided.status = None, "undecided", "scheduled"
    undecided.save()
    yield event(
        "launches.launch.viability_warned",
        launch_id=undecided.pk,
        supplier_id=world.supplier.pk,
        version=1,
        seats_sold=1,
        seats_needed=2,
        seats_on_sale=6,
        check_on="2027-12-14",
    )


def lapsing_hold(world, customer, **fields):
    """An unpaid hold of one seat that ends five minutes from now."""
    return Hold.objects.create(
        **{
            "customer": customer, "launch": world.launch, "price_amount": 1, "price_currency": "USD",
            "created_at": NOW - timedelta(minutes=10), "expires_at": NOW + timedelta(minutes=5), **fields,
        }
    )  # fmt: skip


def lapsing(hold):
    return event(
        "bookings.hold.lapsing",
        hold_id=str(hold.pk),
        reference="",
        launch_id=hold.launch_id,
        customer_id=hold.customer_id,
        seat_labels=["1A"],
        expires_at=hold.expires_at.isoformat(),
    )


def changing_events(world, booking):
    common = {**booking_payload(booking), "passenger_ids": [1], "seat_labels": ["1A"]}
    for fields, is_replacement in ((["seat"], False), (["full_name", "email"], True), (["phone"], False)):
        yield event("bookings.booking.changed", fields=fields, is_replacement=is_replacement, **common)
    yield lapsing(lapsing_hold(world, booking.customer))


def every_event(world, booking):
    user_id = booking.customer_id
    yield from (
        event(f"accounts.user.{name}", user_id=user_id)
        for name in ("already_registered", "created", "password_reset_requested", "password_changed")
    )
    yield event("accounts.user.signed_in_from_new_place", user_id=user_id, client="Firefox, Linux")
    yield event("accounts.user.second_factor_enrolled", user_id=user_id, is_next=False)
    yield event("accounts.user.second_factor_enrolled", user_id=user_id, is_next=True)
    yield event("accounts.user.second_factor_reset", user_id=user_id, reason=HOSTILE)
    yield event("accounts.user.recovery_code_used", user_id=user_id, left=3)
    bounced = {"address": booking.customer.email, "kind": "bounced", "notification_id": 1}
    yield event("notifications.address.bounced", user_id=user_id, **bounced)
    supplier = {"supplier_id": world.supplier.pk}
    yield event("launches.supplier.approved", **supplier)
    yield event(
        "launches.supplier.suspended", reason=HOSTILE, supplier_id=suspended_supplier(booking.customer.language).pk
    )
    yield launch_event(world, "scheduled")
    yield launch_event(world, "changed", fields=["departure_at"])
    yield delayed(world, reason=HOSTILE, departure_at=DEPARTURE.isoformat())
    yield launch_event(world, "confirmed")
    yield launch_event(world, "launched")
    yield launch_event(world, "aborted", reason=HOSTILE)
    yield launch_event(world, "failed", reason=HOSTILE)
    yield confirmed(booking)
    yield cancelled(booking, cause="platform", reason=HOSTILE, is_whole=False)
    yield money_event(booking, "invoice.issued", invoice_id=1, code="C-2026-000001", kind="customer")
    yield money_event(booking, "invoice.issued", invoice_id=2, code="K-2026-000001", kind="credit_note")
    yield money_event(booking, "refund.succeeded", refund_id="r")
    yield money_event(booking, "payment.returned", payment_id="p", is_rebooking=False)
    yield money_event(booking, "refund.failed", refund_id=str(failed_refund(booking).pk), error=HOSTILE)
    slip = {**booking_payload(booking), "decision_id": str(open_slip(booking).pk)}
    yield event(
        "bookings.slip.opened",
        old_departure_precision="minute",
        deadline_at=(NOW + timedelta(days=14)).isoformat(),
        reason=HOSTILE,
        **slip,
    )
    yield event("bookings.slip.reminded", deadline_at=(NOW + timedelta(days=14)).isoformat(), **slip)
    yield event("bookings.slip.closed", outcome="kept", **slip)
    yield moved(booking, from_launch_id=world.launch.pk)
    yield from waiting_events(world, booking.customer)
    yield from changing_events(world, booking)
    bill = {
        **supplier,
        "launch_id": world.launch.pk,
        "invoice_id": 3,
        "code": "S-2026-000001",
        "amount": "1000",
        "open_amount": "400",
        "currency": "USD",
        "due_on": "2026-12-22",
    }
    yield event("finance.supplier_invoice.issued", is_kept=False, **bill)
    yield event("finance.supplier_invoice.overdue", **{**bill, "invoice_id": unpaid_invoice(world).pk})
    statement = {**supplier, "launch_id": world.launch.pk, "statement_id": 4, "currency": "USD"}
    yield event("finance.statement.issued", payout_amount="-10.50", **statement)
    yield event("finance.statement.paid_out", payout_amount="10.50", **statement)
    figures = {"missing": 1, "stale": 2, "orphaned": 0, "repaired": 3, "failed": 0}
    yield event("documents.reconciliation.drift_found", run_id=7, is_whole=True, **figures)
    yield event("documents.reconciliation.drift_found", run_id=8, is_whole=False, **{**figures, "failed": 2})
    yield event("documents.audit.broken", check_id=7, broken_at=3, problem=HOSTILE)
    stuck = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="job")
    OutboxFailure.objects.create(consumer="documents", event=stuck, error="x", parked_at=NOW)
    yield event("common.event.parked", event_id=stuck.pk, event_name=stuck.name, consumer="documents", error=HOSTILE)
    yield event("common.job.keeps_failing", job="expire holds", job_run_id=7, failures=3, error=HOSTILE)
    sums = [
        {"what": what, "currency": "USD", "count": 2, "amount": "900000"}
        for what in ("customer", "credit_note", "declined")
    ]
    yield event("finance.day.summed_up", day="2026-11-21", figures=sums)
    yield event("finance.reconciliation.differences_found", run_id=7, found=3, repaired=2, left=1)
    wording = {"wording_id": 1, "template": "slip_kept", "language": "en", "number": 2}
    yield event("notifications.wording.broke", error=HOSTILE, **wording)
    endpoint = make_endpoint(world.supplier, status="paused", pause_cause="failing", paused_at=NOW)
    paused = {"webhook_id": str(endpoint.pk), "address": "https://example.org/hooks", "has_money_events": False}
    yield event("notifications.webhook.paused", cause="failing", error=HOSTILE, **paused, **supplier)


def bill(world, name="issued", **changes):
    values = {
        "supplier_id": world.supplier.pk,
        "launch_id": world.launch.pk,
        "invoice_id": unpaid_invoice(world).pk,
        "code": "S-2026-000001",
        "amount": "1000",
        "open_amount": "400",
        "currency": "USD",
        "due_on": "2026-12-22",
    }
    return event(f"finance.supplier_invoice.{name}", **{**values, **changes})
