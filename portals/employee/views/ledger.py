"""The ledger: balances, the entries of a booking, and the reconciliations of money."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from bookings import selectors as booking_selectors
from common import outbox_state
from finance import selectors as finance_selectors
from finance import services as finance_services
from portals.employee.desk import FINANCE, employee_view, page
from portals.employee.forms import MoneyRunForm
from portals.shared import htmx
from portals.shared.numbers import number_of

PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(FINANCE)
def money_run_list(request: HttpRequest) -> HttpResponse:
    """Show the ledger's balances and the latest runs; a POST has the worker start one."""
    user: Any = request.user
    form = MoneyRunForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        finance_services.money_reconcile_request(actor=user, **form.cleaned_data)
        messages.success(request, "A run was asked for. It shows below as soon as the worker begins it.")
        return htmx.redirect_page(request, "employee:money-run-list")
    before = number_of(request.GET.get("cursor", ""))
    runs = finance_selectors.money_run_list(actor=user, limit=PAGE + 1, before_id=before)
    context = {
        "form": form,
        "runs": runs[:PAGE],
        "next_cursor": str(runs[PAGE - 1].pk) if len(runs) > PAGE else "",
        "is_later_page": before is not None,
        "balances": finance_selectors.balances(actor=user),
        "is_worker_running": outbox_state.is_worker_running(),
    }
    return page(request, "employee/money_run_list.html", context, status=422 if form.errors else 200)


@require_safe
@employee_view(FINANCE)
def money_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what a run found, each difference with what was done about it."""
    user: Any = request.user
    run = finance_selectors.money_run_get(actor=user, run_id=run_id)
    return page(request, "employee/money_run.html", {"run": run, "unnamed": run.found - len(run.findings)})


@require_safe
@employee_view(FINANCE)
def booking_ledger(request: HttpRequest, reference: str) -> HttpResponse:
    """Show every entry of a booking's movements, and what they come to."""
    user: Any = request.user
    booking = booking_selectors.booking_get_for_employee(actor=user, reference=reference.replace("\0", ""))
    lines = finance_selectors.ledger_of_booking(actor=user, booking_id=booking.pk)
    context = {"booking": booking, "lines": lines, "balances": finance_selectors.sums_of(lines)}
    return page(request, "employee/booking_ledger.html", context)
