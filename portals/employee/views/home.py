"""The overview and the inbox."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bookings import selectors as booking_selectors
from common import job_state, outbox_state
from documents import selectors as document_selectors
from finance import selectors as finance_selectors
from launches import selectors as launch_selectors
from launches.enums import SupplierStatus
from notifications import selectors as notification_selectors
from portals.employee.desk import FINANCE, IT, SUPPORT, employee_view, has_role, page
from portals.shared import inbox as inboxes
from portals.shared.preferences import preferences_page

LATEST_BOOKINGS = 8


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the overview with the page behind it."""

    label: str
    value: Any
    note: str
    url: str
    is_alert: bool = False


@require_safe
@employee_view()
def home(request: HttpRequest) -> HttpResponse:
    """Show how things stand, as far as the reader's role goes."""
    user: Any = request.user
    now = timezone.now()
    latest = booking_selectors.booking_list_for_employee(
        actor=user, filters=booking_selectors.BookingFilters(), limit=LATEST_BOOKINGS
    )
    figures = _business(user, now)
    if has_role(request, FINANCE):
        figures += [_refunds(now), *_suppliers_money()]
    if has_role(request, SUPPORT):
        figures.append(_suppliers(user))
    context = {"figures": figures, "bookings": latest.rows, "now": now}
    if has_role(request, IT):
        context |= {"machine": _machine(user), "run": next(iter(document_selectors.reconciliation_list(limit=1)), None)}
    return page(request, "employee/home.html", context)


def _business(user: Any, now: Any) -> list[Figure]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counted = booking_selectors.booking_figures(actor=user, since=midnight)
    unsettled = finance_selectors.payment_open_count()
    bookings = reverse("employee:booking-list")
    return [
        Figure(label="Bookings today", value=counted.confirmed, note="paid since midnight UTC", url=bookings),
        Figure(
            label="Waiting for payment",
            value=counted.pending,
            note="their seats are held until the hold ends",
            url=f"{bookings}?status=pending",
        ),
        Figure(
            label="Payments unsettled",
            value=unsettled,
            note="the gateway has not answered yet" if unsettled else "the gateway has answered all",
            url=f"{bookings}?status=pending",
            is_alert=unsettled > 0,
        ),
    ]


def _refunds(now: Any) -> Figure:
    failing = finance_selectors.refunds_failing_count(now=now)
    return Figure(
        label="Refunds that need you",
        value=failing,
        note="failed, or without an outcome for too long" if failing else "every refund went through",
        url=reverse("employee:refund-list"),
        is_alert=failing > 0,
    )


def _suppliers_money() -> list[Figure]:
    overdue, waiting = finance_selectors.invoices_overdue_count(), finance_selectors.statements_open_count()
    return [
        Figure(
            label="Invoices overdue",
            value=overdue,
            note="suppliers were reminded" if overdue else "every supplier has paid in time",
            url=f"{reverse('employee:invoice-list')}?status=overdue",
            is_alert=overdue > 0,
        ),
        Figure(
            label="Payouts waiting",
            value=waiting,
            note="statements that are not paid out",
            url=f"{reverse('employee:statement-list')}?show=open",
        ),
    ]


def _suppliers(user: Any) -> Figure:
    waiting = len(launch_selectors.supplier_list(actor=user, status=SupplierStatus.APPLIED))
    return Figure(
        label="Suppliers to approve",
        value=waiting,
        note="have applied",
        url=f"{reverse('employee:supplier-list')}?status=applied",
        is_alert=waiting > 0,
    )


def _machine(user: Any) -> list[Figure]:
    queue = notification_selectors.queue_counts(actor=user)
    parked = outbox_state.parked_count()
    is_running = outbox_state.is_worker_running()
    troubled = sum(state.needs_somebody for state in job_state.job_states())
    messages = reverse("employee:notification-list")
    return [
        Figure(
            label="Messages failed",
            value=queue.failed,
            note=f"{queue.pending} waiting, {queue.sent} sent",
            url=f"{messages}?status=failed",
            is_alert=queue.failed > 0,
        ),
        Figure(
            label="Events parked",
            value=parked,
            note="a handler gave up on them" if parked else "every event was handled",
            url=reverse("employee:event-list"),
            is_alert=parked > 0,
        ),
        Figure(
            label="Jobs in trouble",
            value=troubled,
            note="overdue, or failing again and again" if troubled else "every job runs on time",
            url=reverse("employee:job-list"),
            is_alert=troubled > 0,
        ),
        Figure(
            label="Worker",
            value="running" if is_running else "not running",
            note="delivers events and mails" if is_running else "events, mails and reconciliations wait",
            url=reverse("employee:event-list"),
            is_alert=not is_running,
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view()
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the employee's messages; a POST opens one or marks all as read."""
    if request.method == "POST":
        return inboxes.inbox_act(request, back_to="employee:inbox")
    return page(request, "employee/inbox.html", inboxes.inbox_context(request, open_url=reverse("employee:inbox")))


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view()
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose what is mailed to the employee."""

    def render(context: dict[str, Any]) -> HttpResponse:
        return page(request, "employee/preferences.html", context)

    return preferences_page(request, render=render, here="employee:preferences")
