"""Every move of every state machine is told by an event of the catalogue, or says why it is told by none."""

import enum
import inspect
import pkgutil
from importlib import import_module

from notifications import catalogue

PACKAGES = ("accounts", "launches", "bookings", "finance", "documents", "notifications")

# By table: "from -> to", and the event that tells of it; or, after "none: ", why there is none.
TOLD: dict[str, dict[str, str]] = {
    "launches.policies.MOVES": {
        "draft -> scheduled": "launches.launch.scheduled",
        "scheduled -> confirmed": "launches.launch.confirmed",
        "delayed -> confirmed": "launches.launch.confirmed",
        "scheduled -> delayed": "launches.launch.delayed",
        "confirmed -> delayed": "launches.launch.delayed",
        "delayed -> delayed": "launches.launch.delayed",
        "scheduled -> aborted": "launches.launch.aborted",
        "confirmed -> aborted": "launches.launch.aborted",
        "delayed -> aborted": "launches.launch.aborted",
        "confirmed -> launched": "launches.launch.launched",
        "delayed -> launched": "launches.launch.launched",
        "confirmed -> failed": "launches.launch.failed",
        "delayed -> failed": "launches.launch.failed",
    },
    "bookings.policies.MOVES": {
        "pending -> confirmed": "bookings.booking.confirmed",
        "expired -> confirmed": "bookings.booking.confirmed",
        "pending -> expired": "bookings.booking.expired",
        "confirmed -> cancelled": "bookings.booking.cancelled",
        "confirmed -> completed": "bookings.booking.completed",
    },
    "bookings.policies.REBOOKING_MOVES": {
        "open -> done": "bookings.booking.moved",
        "expired -> done": "bookings.booking.moved",
        "open -> expired": "none: the page named the instant, and the booking stays as it was",
        "open -> given_up": "none: the customer's own doing; bookings.purchase.called_off tells when it was not",
    },
    "bookings.policies.SLIP_MOVES": {
        "open -> kept": "bookings.slip.closed",
        "open -> moved": "bookings.slip.closed",
        "open -> refunded": "bookings.slip.closed",
        "open -> lapsed": "bookings.slip.closed",
        "open -> overtaken": "bookings.slip.closed",
        "lapsed -> moved": "bookings.booking.moved",
    },
    "bookings.policies.WAITING_MOVES": {
        "waiting -> offered": "bookings.waiting.offered",
        "waiting -> left": "bookings.waiting.left",
        "waiting -> closed": "bookings.waiting.closed",
        "offered -> accepted": "bookings.waiting.accepted",
        "offered -> declined": "bookings.waiting.declined",
        "offered -> lapsed": "bookings.waiting.lapsed",
        "offered -> closed": "bookings.waiting.closed",
    },
    "finance.policies.PAYMENT_MOVES": {
        "created -> processing": "none: the page says that the payment is checked",
        "created -> challenge": "none: the page asks for the bank's code",
        "processing -> challenge": "none: the page asks for the bank's code",
        "challenge -> processing": "none: the page says that the payment is checked",
        "created -> succeeded": "finance.payment.succeeded",
        "processing -> succeeded": "finance.payment.succeeded",
        "challenge -> succeeded": "finance.payment.succeeded",
        "created -> declined": "finance.payment.declined",
        "processing -> declined": "finance.payment.declined",
        "challenge -> declined": "finance.payment.declined",
        "created -> abandoned": "none: the customer's own doing, for another card",
        "challenge -> abandoned": "none: the customer's own doing, for another card",
        "declined -> late": "finance.payment.returned",
        "abandoned -> late": "finance.payment.returned",
    },
    "finance.policies.REFUND_MOVES": {
        "requested -> succeeded": "finance.refund.succeeded",
        "failed -> succeeded": "finance.refund.succeeded",
        "requested -> failed": "finance.refund.failed",
        "failed -> requested": "finance.refund.retried",
    },
    "finance.policies.INVOICE_MOVES": {
        "pending -> partially_paid": "finance.invoice_payment.recorded",
        "pending -> paid": "finance.invoice_payment.recorded",
        "partially_paid -> paid": "finance.invoice_payment.recorded",
        "overdue -> paid": "finance.invoice_payment.recorded",
        "pending -> overdue": "finance.supplier_invoice.overdue",
        "partially_paid -> overdue": "finance.supplier_invoice.overdue",
        "pending -> cancelled": "none: nothing of ours cancels an invoice; a credit note corrects it, and is told",
        "overdue -> cancelled": "none: nothing of ours cancels an invoice; a credit note corrects it, and is told",
    },
}
# State machines without a table of moves: what tells of arriving in each state.
ARRIVALS: dict[str, dict[str, str]] = {
    "HoldStatus": {
        "open": "bookings.hold.opened",
        "used": "bookings.booking.created",
        "sold": "bookings.booking.confirmed",
        "released": "bookings.hold.released",
        "expired": "none: it lapses by its instant; bookings.hold.lapsing warned of it",
    },
    "ClaimStatus": {
        "held": "bookings.hold.opened",
        "sold": "bookings.booking.confirmed",
        "released": "bookings.seats.freed",
    },
    "SupplierStatus": {
        "applied": "launches.supplier.created",
        "approved": "launches.supplier.approved",
        "suspended": "launches.supplier.suspended",
    },
    "NotificationStatus": {
        "pending": "notifications.notification.retried",
        "sending": "none: a message is not told by a message",
        "sent": "notifications.notification.marked_sent",
        "bounced": "notifications.address.bounced",
        "failed": "none: a message is not told by a message; IT sees it in the queue",
        "cancelled": "notifications.notification.cancelled",
    },
    "EndpointStatus": {
        "active": "notifications.webhook.resumed",
        "paused": "notifications.webhook.paused",
        "removed": "notifications.webhook.removed",
    },
    "DeliveryStatus": {
        "waiting": "notifications.webhook.replayed",
        "delivered": "none: the receiver itself was told; the endpoint's log shows it",
        "failed": "none: it was given up while its endpoint was paused, which was told",
        "skipped": "notifications.webhook.delivery_skipped",
    },
    "RunStatus": {
        "running": "none: its page shows how far it is",
        "done": "documents.reconciliation.drift_found",
        "failed": "common.job.keeps_failing",
        "cancelled": "documents.reconciliation.drift_found",
    },
    "CheckStatus": {
        "running": "none: the page of the audit trail shows it",
        "whole": "none: all is well; the page of the audit trail says when that was proven",
        "broken": "documents.audit.broken",
        "failed": "common.job.keeps_failing",
    },
}
# Enums of the tables above.
WITH_TABLE = {
    "LaunchStatus", "BookingStatus", "RebookingStatus", "SlipStatus", "WaitingStatus",
    "PaymentStatus", "RefundStatus", "InvoiceStatus",
}  # fmt: skip


def tables() -> dict[str, dict[str, frozenset[str]]]:
    found = {}
    for package in PACKAGES:
        if f"{package}.policies" in {f"{package}.{one.name}" for one in pkgutil.iter_modules([package])}:
            module = import_module(f"{package}.policies")
            for name, value in vars(module).items():
                if isinstance(value, dict) and is_table(value):
                    found[f"{package}.policies.{name}"] = value
    return found


def is_table(value: dict) -> bool:
    """Whether a dict leads from states to states, each of which has a line of its own."""
    return bool(value) and all(isinstance(targets, frozenset) and targets <= set(value) for targets in value.values())


def status_enums() -> dict[str, type[enum.Enum]]:
    found = {}
    for package in (*PACKAGES, "notifications.webhooks"):
        module = import_module(f"{package}.enums")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, enum.Enum) and name.endswith("Status") and kind.__module__ == module.__name__:
                found[name] = kind
    return found


def declared() -> set[str]:
    return {rule.event for rule in catalogue.RULES} | set(catalogue.SILENT)


def test_every_table_of_moves_is_looked_at():
    assert set(tables()) == set(TOLD)


def test_every_move_says_what_tells_of_it():
    for name, table in tables().items():
        moves = {f"{old} -> {new}" for old, targets in table.items() for new in targets}
        assert moves == set(TOLD[name]), name


def test_every_state_of_the_machines_without_a_table_says_it_too():
    enums = status_enums()

    assert set(enums) == WITH_TABLE | set(ARRIVALS)
    for name, states in ARRIVALS.items():
        assert set(states) == {one.value for one in enums[name]}, name


def test_what_tells_of_a_move_is_a_message_or_declared_as_none():
    told = {what for moves in (*TOLD.values(), *ARRIVALS.values()) for what in moves.values()}

    assert {what for what in told if not what.startswith("none: ")} - declared() == set()
    assert [what for what in told if what.startswith("none: ") and len(what) < 20] == []
