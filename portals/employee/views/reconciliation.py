"""Reconciliation of the stores: start it, watch it, read what it found."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import outbox_state
from common.context import Origin
from common.errors import DomainError
from documents import reconcile
from documents import selectors as document_selectors
from documents import services as document_services
from documents.errors import DocumentStoreUnavailable
from documents.models import ReconciliationRun
from portals.employee.desk import IT, employee_view, page, told
from portals.employee.forms import ReconciliationForm
from portals.shared import doors, htmx
from portals.shared.numbers import number_of

PAGE = 20
STORES_WAIT_S = 10
FIGURES = {
    "looked_at": "Looked at",
    "missing": "Missing",
    "stale": "Stale",
    "orphaned": "Orphaned",
    "repaired": "Repaired",
    "failed": "Failed",
    "duration_s": "Took",
}


@require_http_methods(["GET", "HEAD", "POST"])
@employee_view(IT)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Show the latest runs; a POST starts one."""
    user: Any = request.user
    form = ReconciliationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            run = document_services.reconciliation_request(
                datasets=form.cleaned_data["datasets"],
                is_full=form.cleaned_data["scope"] != "since_last",
                is_dry_run=form.cleaned_data["is_dry_run"],
                origin=Origin.PORTAL,
                actor_id=user.pk,
                actor_email=user.email,
            )
        except DomainError as error:
            doors.errors_to_form(form, error)
        else:
            return htmx.redirect_page(request, "employee:reconciliation-run", run_id=run.pk)
    before = number_of(request.GET.get("cursor", ""))
    runs = document_selectors.reconciliation_list(limit=PAGE + 1, before_id=before)
    context = {
        "form": form,
        "runs": runs[:PAGE],
        "next_cursor": str(runs[PAGE - 1].pk) if len(runs) > PAGE else "",
        "is_later_page": before is not None,
        "running": document_selectors.reconciliation_running(),
        "is_worker_running": outbox_state.is_worker_running(),
    }
    return page(request, "employee/reconciliation.html", context, status=422 if form.errors else 200)


@require_safe
@employee_view(IT)
def stores(request: HttpRequest) -> HttpResponse:
    """Show the collections of the document stores as they stand."""
    try:
        collections = document_selectors.stores_status(wait_s=STORES_WAIT_S, is_quick=True)
    except DocumentStoreUnavailable as error:
        context = {"away": error.message, "collections": []}
        return page(request, "employee/document_stores.html", context, status=503)
    return page(request, "employee/document_stores.html", {"collections": collections})


@require_safe
@employee_view(IT)
def run_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show a run's figures; while it runs the page asks again by itself."""
    run = document_selectors.reconciliation_get(run_id=run_id)
    labels = {dataset.name: dataset.label for dataset in reconcile.registered()}
    rows = [(labels.get(name, name), _figures(run.counts.get(name))) for name in run.datasets]
    done = len(run.counts)
    context = {
        "run": run,
        "rows": rows,
        "headings": FIGURES.values(),
        "percent": _percent(run) if run.is_running else 100,
        "done": max(done - 1, 0) if run.is_running else done,
        "is_waiting": run.is_running and run.runner is None,
        "is_worker_running": outbox_state.is_worker_running() if run.is_running else True,
    }
    return page(request, "employee/reconciliation_run.html", context, fragment="progress")


def _percent(run: ReconciliationRun) -> int:
    """Return how far a run is: each data set counts the same, the one at work as far as its size is known."""
    parts = 0.0
    for figures in run.counts.values():
        expected = figures.get("expected")
        parts += min(figures["looked_at"] / expected, 1.0) if expected else 0.5
    return int(100 * parts / max(len(run.datasets), 1))


def _figures(counts: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Return label and figure of each column."""
    if counts is None:
        return [(label, "–") for label in FIGURES.values()]
    return [
        (label, f"{counts.get(name, 0):.1f} s" if name == "duration_s" else f"{counts.get(name, 0):,}")
        for name, label in FIGURES.items()
    ]


@require_POST
@employee_view(IT)
def run_cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """End a run that is under way."""
    document_services.reconciliation_cancel(run_id=run_id)
    told(request, f"Reconciliation {run_id} is cancelled. What it had repaired by then stays repaired.")
    return htmx.redirect_page(request, "employee:reconciliation-run", run_id=run_id)
