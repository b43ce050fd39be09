"""The pages that messages lead to: paths in rows and inboxes, whole addresses in mails."""

from django.conf import settings
from django.urls import reverse
from django.utils.text import slugify

from bookings import selectors as booking_selectors
from notifications import policies, tokens


def absolute(path: str) -> str:
    """Return the whole address of a path of the site."""
    return f"{settings.SITE_URL}{path}"


def sign_in() -> str:
    """Return the path of the sign-in page."""
    return reverse("accounts:sign-in")


def forgotten_password() -> str:
    """Return the path of the page that asks for a reset link."""
    return reverse("accounts:forgotten")


def launch(slug: str) -> str:
    """Return the path of a launch's public page."""
    return reverse("customer:launch-detail", args=[slug])


def trip(reference: str) -> str:
    """Return the path of a customer's trip."""
    return reverse("customer:trip-detail", args=[reference])


def slip(decision_id: str) -> str:
    """Return the path of a question about a slip; whoever has it may answer, so it stands in mails only."""
    return reverse("customer:slip", args=[booking_selectors.slip_token(decision_id)])


def trips() -> str:
    """Return the path of a customer's list of trips."""
    return reverse("customer:trip-list")


def hold(hold_id: str, reference: str) -> str:
    """Return the path where held seats are paid, or kept for longer."""
    if reference:
        return reverse("customer:booking-review", args=[reference])
    return reverse("customer:hold-passengers", args=[hold_id])


def waiting(entry_id: int) -> str:
    """Return the path of a customer's place in a waiting list, where an offer is answered."""
    return reverse("customer:waiting-detail", args=[entry_id])


def invoice(invoice_id: int) -> str:
    """Return the path of a customer's invoice or credit note."""
    return reverse("customer:invoice-detail", args=[invoice_id])


def supplier_invoice(invoice_id: int) -> str:
    """Return the path of an invoice in the supplier's portal."""
    return reverse("supplier:invoice-detail", args=[invoice_id])


def supplier_statement(statement_id: int) -> str:
    """Return the path of a statement in the supplier's portal."""
    return reverse("supplier:statement-detail", args=[statement_id])


def employee_invoices() -> str:
    """Return the path of the list of invoices in the employees' portal."""
    return reverse("employee:invoice-list")


def employee_invoice(invoice_id: int) -> str:
    """Return the path of an invoice in the employees' portal."""
    return reverse("employee:invoice-detail", args=[invoice_id])


def employee_statement(statement_id: int) -> str:
    """Return the path of a statement in the employees' portal."""
    return reverse("employee:statement-detail", args=[statement_id])


def supplier_home() -> str:
    """Return the path of the supplier portal."""
    return reverse("supplier:home")


def supplier_launch(launch_id: int) -> str:
    """Return the path of a launch in the supplier's portal."""
    return reverse("supplier:launch-detail", args=[launch_id])


def employee_booking(reference: str) -> str:
    """Return the path of a booking in the employees' portal."""
    return reverse("employee:booking-detail", args=[reference])


def refund_failing(refund_id: str) -> str:
    """Return the path of a refund in the list of those that need a person."""
    return f"{reverse('employee:refund-list')}#refund-{refund_id}"


def reconciliation_run(run_id: int) -> str:
    """Return the path of a run of the reconciliation."""
    return reverse("employee:reconciliation-run", args=[run_id])


def audit_trail() -> str:
    """Return the path of the audit trail."""
    return reverse("employee:audit-list")


def money_run(run_id: int) -> str:
    """Return the path of a run of the reconciliation of money."""
    return reverse("employee:money-run", args=[run_id])


def wording(template: str, language: str) -> str:
    """Return the path of the words of a template."""
    return reverse("employee:wording-detail", args=[template, language])


def preferences(kind: str) -> str:
    """Return the path of the page where a kind of user chooses what is mailed."""
    return reverse(f"{kind}:preferences")


def unsubscribe(*, user_id: int | None, address: str, topic: str) -> str:
    """
    Return the path that switches a topic's mails off, whoever opens it; it stands in mails only.

    For a user; for the address where there is none.
    """
    digest = "" if user_id else policies.address_digest(address)
    token = tokens.unsubscribe_token(user_id=user_id, address_digest=digest, topic=topic)
    return reverse("notifications:unsubscribe", args=[token])


def webhook(webhook_id: str, *, is_suppliers: bool) -> str:
    """Return the path of an endpoint in the portal of those it belongs to."""
    return reverse("supplier:webhook-detail" if is_suppliers else "employee:webhook-detail", args=[webhook_id])


def events() -> str:
    """Return the path of the events that a consumer could not handle."""
    return reverse("employee:event-list")


def job(name: str) -> str:
    """Return the path of a job and its runs."""
    return reverse("employee:job-detail", args=[slugify(name)])
