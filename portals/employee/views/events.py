"""Delivery of events: how far each consumer is, and what it could not handle."""

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import outbox_failures, outbox_state
from common.models import OutboxFailure
from portals.employee.desk import IT, employee_view, page, told
from portals.employee.forms import ReasonForm
from portals.shared import htmx
from portals.shared.numbers import number_of

PAGE = 50


@require_safe
@employee_view(IT)
def event_list(request: HttpRequest) -> HttpResponse:
    """Show the consumers and the events that failed."""
    before = number_of(request.GET.get("cursor", ""))
    failures = outbox_state.failure_list(limit=PAGE + 1, before=before)
    context = {
        "consumers": outbox_state.consumer_states(),
        "failures": [(row, _payload(row)) for row in failures[:PAGE]],
        "next_cursor": str(failures[PAGE - 1].pk) if len(failures) > PAGE else "",
        "is_later_page": before is not None,
        "is_worker_running": outbox_state.is_worker_running(),
    }
    return page(request, "employee/event_list.html", context)


@require_POST
@employee_view(IT)
def event_retry(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Have a failed event tried again now."""
    outbox_failures.failure_retry_now(failure_id=failure_id)
    told(request, "The event is tried again with the next delivery.")
    return htmx.redirect_page(request, "employee:event-list")


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(IT)
def event_drop(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Ask why, then give a parked event up."""
    failure = outbox_state.failure_get(failure_id=failure_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        outbox_failures.failure_drop(failure_id=failure_id, reason=form.cleaned_data["reason"])
        told(request, f"Event {failure.event_id} is dropped for {failure.consumer}.")
        return htmx.redirect_page(request, "employee:event-list")
    context = {"failure": failure, "form": form, "payload": _payload(failure)}
    return page(request, "employee/event_drop.html", context, status=422 if form.errors else 200)


def _payload(failure: OutboxFailure) -> str:
    return json.dumps(failure.event.payload, indent=2, ensure_ascii=False)
