"""Planning launches: drafts, and the texts and prices of published ones."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from common.errors import DomainError, Kind
from launches import errors as launch_errors
from launches import selectors as launch_selectors
from launches import services as launch_services
from launches.enums import LaunchStatus
from launches.selectors import Desk
from portals.shared import doors, htmx
from portals.supplier.desk import changes_required, page
from portals.supplier.forms import PlanForm, TextForm

NOT_FOR_FORMS = (Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.BUSY)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_required
def launch_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Plan a launch."""
    user: Any = request.user
    form = PlanForm(request.POST if request.method == "POST" else None, actor=user)
    if request.method == "POST" and form.is_valid():
        try:
            launch = launch_services.launch_draft(
                actor=user, supplier_id=desk.supplier.pk, now=timezone.now(), **form.plan()
            )
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(request, f"{launch.mission_name} is saved as a draft. Publish it when it is ready.")
            return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch.pk)
    return page(request, desk, "supplier/launch_plan.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_required
def launch_edit(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Change a draft, or the texts and the price of a published launch."""
    user: Any = request.user
    launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
    is_draft = launch.status == LaunchStatus.DRAFT
    form: PlanForm | TextForm
    if is_draft:
        form = PlanForm(
            request.POST if request.method == "POST" else None, actor=user, initial=PlanForm.initial_of(launch)
        )
    else:
        form = TextForm(request.POST if request.method == "POST" else None, initial=TextForm.initial_of(launch))
    if request.method == "POST" and form.is_valid():
        try:
            if isinstance(form, PlanForm):
                launch_services.launch_draft_change(actor=user, launch_id=launch_id, now=timezone.now(), **form.plan())
            else:
                launch_services.launch_change(actor=user, launch_id=launch_id, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(request, "Your changes are saved.")
            return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
    context = {"form": form, "launch": launch, "is_draft": is_draft}
    return page(request, desk, "supplier/launch_plan.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_required
def launch_delete(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Ask, then throw a draft away."""
    user: Any = request.user
    launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
    if request.method == "POST":
        launch_services.launch_draft_delete(actor=user, launch_id=launch_id)
        messages.success(request, f"The draft {launch.mission_name} is deleted.")
        return htmx.redirect_page(request, "supplier:launch-list")
    return page(request, desk, "supplier/launch_delete.html", {"launch": launch})


def _told(form: PlanForm | TextForm, error: DomainError) -> None:
    """Put a refusal at its fields, which the form names a little differently. Raises: what no form can cure."""
    if error.kind in NOT_FOR_FORMS and not error.fields:
        raise error
    if isinstance(error, launch_errors.NotEnoughCabinSeats):
        error.fields["seats_on_sale"] = error.message
    if isinstance(error, launch_errors.DestinationOutOfRange):
        error.fields["destination_id"] = error.message
    if "departure_at" in error.fields:
        error.fields["departure_date"] = error.fields.pop("departure_at")
    doors.errors_to_form(form, error)
