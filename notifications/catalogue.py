"""
Which event tells whom what: the one table of all messages.

Every event of every package stands here, in RULES or in SILENT with the reason; a test walks through them all.

# Note [Aborted launches are told booking by booking]
When a launch is aborted or fails, each booking is cancelled and refunded by an event of its own. Its customer is told
by that one, which knows the reference and the amount; a second mail about the launch would say the same again, and whom
it reaches would depend on which consumer came first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from notifications import audiences
from notifications.audiences import Audience

Payload = Mapping[str, Any]


def _always(_: Payload) -> bool:
    return True


def _moves_departure(payload: Payload) -> bool:
    return bool({"departure_at", "departure_precision"} & set(payload["fields"]))


def _is_not_suppliers_doing(payload: Payload) -> bool:
    # Who leaves after a slip does so because of the supplier, and the launch desk hears of each.
    return bool(payload["cause"] != "supplier" or payload.get("frees_seats"))


def _is_no_slip(payload: Payload) -> bool:
    """Who is asked about a slip hears of it by that message, which says what can be done."""
    return int(payload.get("slip_days", 0)) < settings.SLIP_DAYS


def _is_kept(payload: Payload) -> bool:
    return payload["outcome"] in ("kept", "lapsed")


def _is_invoice(payload: Payload) -> bool:
    return bool(payload["kind"] == "customer")


def _is_credit_note(payload: Payload) -> bool:
    return bool(payload["kind"] == "credit_note")


def _moves_money(payload: Payload) -> bool:
    return bool(Decimal(payload["payout_amount"]) > 0)


def _is_repaired(payload: Payload) -> bool:
    return not payload["failed"]


def _is_left(payload: Payload) -> bool:
    return bool(payload["failed"])


def _is_not_by_hand(payload: Payload) -> bool:
    return bool(payload["cause"] != "person")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An event, a template, and who gets it."""

    event: str
    template: str
    to: Audience
    when: Callable[[Payload], bool] = _always


RULES: tuple[Rule, ...] = (
    # accounts
    Rule(event="accounts.user.confirmation_requested", template="email_confirmation", to=audiences.the_user),
    Rule(event="accounts.user.already_registered", template="already_registered", to=audiences.the_user),
    Rule(event="accounts.user.created", template="account_created", to=audiences.the_user),
    Rule(event="accounts.user.password_reset_requested", template="password_reset", to=audiences.the_user),
    Rule(event="accounts.user.password_changed", template="password_changed", to=audiences.the_user),
    Rule(event="accounts.user.signed_in_from_new_place", template="new_sign_in", to=audiences.the_user),
    Rule(event="accounts.user.second_factor_enrolled", template="second_factor_enrolled", to=audiences.the_user),
    Rule(event="accounts.user.second_factor_reset", template="second_factor_reset", to=audiences.the_user),
    Rule(event="accounts.user.recovery_code_used", template="recovery_code_used", to=audiences.the_user),
    # suppliers and launches
    Rule(event="launches.supplier.approved", template="supplier_approved", to=audiences.supplier_contacts),
    Rule(event="launches.supplier.suspended", template="supplier_suspended", to=audiences.supplier_contacts),
    Rule(event="launches.launch.scheduled", template="launch_scheduled", to=audiences.vip_customers),
    Rule(event="launches.launch.scheduled", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(event="launches.launch.confirmed", template="launch_confirmed", to=audiences.booked_customers),
    Rule(event="launches.launch.confirmed", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(event="launches.launch.delayed", template="launch_delayed", to=audiences.booked_customers, when=_is_no_slip),
    Rule(event="launches.launch.delayed", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(event="launches.launch.aborted", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(event="launches.launch.launched", template="launch_launched", to=audiences.booked_customers),
    Rule(event="launches.launch.launched", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(event="launches.launch.failed", template="supplier_launch_moved", to=audiences.supplier_contacts),
    Rule(
        event="launches.launch.changed",
        template="launch_date_changed",
        to=audiences.booked_customers,
        when=_moves_departure,
    ),
    Rule(
        event="launches.launch.viability_warned", template="supplier_viability_warning", to=audiences.supplier_contacts
    ),
    # bookings
    Rule(event="bookings.booking.confirmed", template="booking_confirmed", to=audiences.the_customer),
    Rule(event="bookings.booking.confirmed", template="supplier_booking_confirmed", to=audiences.supplier_contacts),
    Rule(event="bookings.booking.changed", template="booking_changed", to=audiences.the_customer),
    Rule(event="bookings.booking.changed", template="supplier_booking_changed", to=audiences.supplier_contacts),
    Rule(event="bookings.hold.lapsing", template="hold_lapsing", to=audiences.the_customer),
    Rule(event="bookings.booking.cancelled", template="booking_cancelled", to=audiences.the_customer),
    Rule(
        event="bookings.booking.cancelled",
        template="supplier_booking_cancelled",
        to=audiences.supplier_contacts,
        when=_is_not_suppliers_doing,
    ),
    Rule(event="bookings.waiting.offered", template="waiting_offered", to=audiences.the_customer),
    Rule(event="bookings.waiting.closed", template="waiting_closed", to=audiences.the_customer),
    Rule(event="bookings.purchase.called_off", template="purchase_called_off", to=audiences.the_customer),
    Rule(event="bookings.booking.moved", template="booking_moved", to=audiences.the_customer),
    Rule(event="bookings.booking.moved", template="supplier_booking_moved", to=audiences.supplier_contacts),
    Rule(event="bookings.slip.opened", template="slip_opened", to=audiences.the_customer),
    Rule(event="bookings.slip.reminded", template="slip_reminded", to=audiences.the_customer),
    Rule(event="bookings.slip.closed", template="slip_kept", to=audiences.the_customer, when=_is_kept),
    # finance
    Rule(event="finance.invoice.issued", template="invoice_issued", to=audiences.the_customer, when=_is_invoice),
    Rule(
        event="finance.invoice.issued", template="credit_note_issued", to=audiences.the_customer, when=_is_credit_note
    ),
    Rule(event="finance.payment.returned", template="payment_returned", to=audiences.the_customer),
    Rule(event="finance.payment.returned", template="staff_payment_returned", to=audiences.finance_staff),
    Rule(event="finance.refund.succeeded", template="refund_succeeded", to=audiences.the_customer),
    Rule(event="finance.supplier_invoice.issued", template="supplier_invoice_issued", to=audiences.supplier_money),
    Rule(event="finance.supplier_invoice.issued", template="staff_supplier_invoice_issued", to=audiences.finance_staff),
    Rule(event="finance.supplier_invoice.overdue", template="supplier_invoice_overdue", to=audiences.supplier_money),
    Rule(event="finance.supplier_invoice.overdue", template="staff_invoice_overdue", to=audiences.finance_staff),
    Rule(event="finance.statement.issued", template="supplier_statement_issued", to=audiences.supplier_money),
    Rule(event="finance.statement.issued", template="staff_statement_issued", to=audiences.finance_staff),
    Rule(
        event="finance.statement.paid_out",
        template="supplier_paid_out",
        to=audiences.supplier_money,
        when=_moves_money,
    ),
    Rule(event="finance.day.summed_up", template="staff_day_summed_up", to=audiences.finance_staff),
    Rule(event="finance.refund.failed", template="staff_refund_failed", to=audiences.finance_staff),
    Rule(
        event="finance.reconciliation.differences_found", template="staff_money_differences", to=audiences.finance_staff
    ),
    # the running of the system
    Rule(event="common.event.parked", template="staff_event_parked", to=audiences.it_staff),
    Rule(event="common.job.keeps_failing", template="staff_job_keeps_failing", to=audiences.it_staff),
    Rule(
        event="documents.reconciliation.drift_found",
        template="staff_drift_found",
        to=audiences.it_staff,
        when=_is_repaired,
    ),
    Rule(
        event="documents.reconciliation.drift_found",
        template="staff_drift_left",
        to=audiences.it_staff,
        when=_is_left,
    ),
    Rule(event="documents.audit.broken", template="staff_audit_broken", to=audiences.it_staff),
    # notifications
    Rule(event="notifications.address.bounced", template="address_bounced", to=audiences.the_bounced),
    Rule(event="notifications.wording.broke", template="staff_wording_broke", to=audiences.it_staff),
    Rule(
        event="notifications.webhook.paused",
        template="webhook_paused",
        to=audiences.webhook_owners,
        when=_is_not_by_hand,
    ),
)

SILENT: dict[str, str] = {
    "common.job.requested": "an employee's doing; the page shows how it goes",
    "common.event.retried": "an employee's doing; the audit trail has it",
    "common.event.dropped": "an employee's doing; the audit trail has it, with the reason",
    "accounts.user.registered": "the request to confirm the e-mail comes with it and is the mail",
    "accounts.user.email_confirmed": "the page says so to the person who clicked",
    "accounts.user.reading_changed": "the page says so to the person who chose",
    "accounts.user.signed_out_everywhere": "the page says so to the person who chose",
    "accounts.user.recovery_codes_made": "the page shows them to the person who made them, after a code",
    "accounts.profile.changed": "the page says so to the person who changed it",
    "accounts.user.changed": "an employee's or reconciliation's correction; the audit trail has it",
    "launches.supplier.created": "the page says that it waits for approval; employees see it in their list",
    "launches.supplier.changed": "an employee's correction; the audit trail has it",
    "launches.supplier.member_added": "its own team's doing, and that of the new member; the audit trail has it",
    "launches.rocket.changed": "an employee's or an import's correction; the audit trail has it",
    "launches.spaceport.created": "an employee's or an import's doing; the audit trail has it",
    "launches.spaceport.changed": "an employee's correction; bookings keep their departure",
    "launches.destination.created": "an employee's doing; the audit trail has it",
    "launches.destination.changed": "an employee's correction; the audit trail has it",
    "launches.cancellation_policy.created": "an employee's doing; the audit trail has it",
    "launches.cancellation_policy.changed": "an employee's doing; bookings keep the policy they were sold under",
    "launches.rocket.created": "the supplier's own doing; nobody else is touched",
    "launches.launch.drafted": "nobody sees a draft but its supplier",
    "launches.launch.deleted": "only drafts are deleted",
    "bookings.hold.opened": "the page shows the hold and its end",
    "bookings.hold.extended": "the page shows the new end to the customer who asked for it",
    "bookings.hold.released": "the page shows it; nobody was charged",
    "bookings.booking.created": "it waits for payment on the page",
    "bookings.booking.expired": "never paid; the page says that the seats are free again",
    "bookings.booking.completed": "told by launches.launch.launched",
    "bookings.seats.freed": "the waiting list hears of it and makes its offers",
    "bookings.booking.goodwill_granted": "the credit note comes at once and names the reason, the refund follows",
    "bookings.waiting.joined": "the page says so, with the place in the list",
    "bookings.waiting.left": "the customer's own doing",
    "bookings.waiting.accepted": "the page goes on with passengers and payment",
    "bookings.waiting.declined": "the customer's own doing",
    "bookings.waiting.lapsed": "the offer's mail named the instant; the page says it",
    "finance.payment.succeeded": "told by bookings.booking.confirmed, or by finance.payment.returned",
    "finance.refund.retried": "an employee's doing; the audit trail has it",
    "finance.invoice_payment.recorded": "an employee's doing; the supplier sees it on the invoice",
    "finance.payment.declined": "an everyday answer of a bank: the page says so at once and offers another card",
    "finance.refund.requested": "the cancellation mail names the amount; the next one comes when it is paid back",
    "notifications.user.mails_chosen": "the page says so to the person who chose",
    "notifications.address.mails_chosen": "the page says so to whoever reads that address",
    "notifications.address.cleared": "an employee's doing; the audit trail has it",
    "notifications.wording.published": "an employee's doing; the audit trail has it",
    "notifications.notification.retried": "an employee's doing; the audit trail has it",
    "notifications.notification.cancelled": "an employee's doing; the audit trail has it",
    "notifications.notification.marked_sent": "an employee's doing; the audit trail has it",
    "notifications.webhook.created": "its owner's doing; the page shows it with its secret",
    "notifications.webhook.changed": "its owner's doing; the page shows it",
    "notifications.webhook.resumed": "somebody's doing who sees on the page how it goes",
    "notifications.webhook.retried_now": "somebody's doing who sees on the page how it goes",
    "notifications.webhook.removed": "its owner's doing; the audit trail has it",
    "notifications.webhook.secret_rotated": "its owner's doing; the page shows the new secret",
    "notifications.webhook.tested": "the page shows what came of it",
    "notifications.webhook.replayed": "somebody's doing who sees on the page how it goes",
    "notifications.webhook.delivery_skipped": "somebody's doing; the log shows it",
}


def rules_for(*, event: str, payload: Payload) -> list[Rule]:
    """Return the rules that an event sets off."""
    return [rule for rule in RULES if rule.event == event and rule.when(payload)]


def rule_of(*, event: str, template: str) -> Rule | None:
    """Return the rule that a queued message comes from; none when it is not in the table any more."""
    return next((rule for rule in RULES if (rule.event, rule.template) == (event, template)), None)


def templates() -> list[str]:
    """Return the names of all templates, each once."""
    return sorted({rule.template for rule in RULES})
