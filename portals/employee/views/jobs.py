"""Jobs of the worker: how each went, whether it is in time, and running one now."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from common import job_state, jobs, outbox_state
from portals.employee.desk import IT, employee_view, page, told
from portals.shared import htmx
from portals.shared.numbers import number_of

PAGE = 50


@require_safe
@employee_view(IT)
def job_list(request: HttpRequest) -> HttpResponse:
    """Show every job with its latest run."""
    context = {"states": job_state.job_states(), "is_worker_running": outbox_state.is_worker_running()}
    return page(request, "employee/job_list.html", context)


@require_safe
@employee_view(IT)
def job_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a job's runs."""
    before = number_of(request.GET.get("cursor", ""))
    runs = job_state.job_run_list(slug=slug, limit=PAGE + 1, before=before)
    context = {
        "state": job_state.job_state(slug=slug),
        "runs": runs[:PAGE],
        "next_cursor": str(runs[PAGE - 1].pk) if len(runs) > PAGE else "",
        "is_later_page": before is not None,
        "is_worker_running": outbox_state.is_worker_running(),
    }
    return page(request, "employee/job_detail.html", context)


@require_POST
@employee_view(IT)
def job_run(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the worker run a job now."""
    run = jobs.job_request(slug=slug)
    told(request, f"“{run.job}” runs as soon as the worker has a free hand. Its outcome shows below.")
    return htmx.redirect_page(request, "employee:job-detail", slug=slug)
