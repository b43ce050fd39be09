"""Delivery of events: how far each consumer is, and what it could not handle."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from common import outbox, outbox_state
from common import tasks as common_tasks
from portals.employee.desk import IT, employee_view, number_of, page
from portals.shared import htmx

PAGE = 50


@require_safe
@employee_view(IT)
def event_list(request: HttpRequest) -> HttpResponse:
    """Show the consumers and the events that failed."""
    before = number_of(request.GET.get("cursor", ""))
    failures = outbox_state.failure_list(limit=PAGE + 1, before=before)
    context = {
        "consumers": outbox_state.consumer_states(),
        "failures": [(row, json.dumps(row.event.payload, indent=2, ensure_ascii=False)) for row in failures[:PAGE]],
        "next_cursor": str(failures[PAGE - 1].pk) if len(failures) > PAGE else "",
        "is_later_page": before is not None,
        "is_worker_running": outbox_state.is_worker_running(),
    }
    return page(request, "employee/event_list.html", context)


@require_POST
@employee_view(IT)
def event_retry(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Have a failed event tried again now."""
    if not outbox.failure_retry_now(failure_id=failure_id):
        raise Http404
    common_tasks.outbox_wake()
    messages.success(request, "The event is tried again with the next delivery.")
    return htmx.redirect_page(request, "employee:event-list")
