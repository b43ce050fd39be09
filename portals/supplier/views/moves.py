"""Moving a launch through its states: each move shows what it would do, then asks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from bookings import selectors as booking_selectors
from common import clock
from common.dates import departure_text, slip_days
from common.errors import Busy, DomainError, Kind
from launches import selectors as launch_selectors
from launches import services as launch_services
from launches.enums import LaunchStatus
from launches.selectors import Desk
from portals.shared import doors, htmx
from portals.supplier.desk import changes_required, page
from portals.supplier.forms import DelayForm, MoveForm
from portals.supplier.moves import MOVES

Service = Callable[..., Any]


def _move_view(status: LaunchStatus, service: Service) -> Callable[..., HttpResponse]:
    """Make the page of a move: what it would do, what it asks, and the move itself."""
    move = MOVES[status]

    @require_http_methods(["GET", "HEAD", "POST"])
    @changes_required
    def view(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
        user: Any = request.user
        launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
        if request.method != "POST" and _refused(request, launch, status):
            return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
        typed = launch.mission_name if move.needs_typing else ""
        form = MoveForm(request.POST if request.method == "POST" else None, needs_reason=move.needs_reason, typed=typed)
        status_code = 422
        if form.is_bound and form.is_valid():
            arguments = {"reason": form.cleaned_data["reason"]} if move.needs_reason else {}
            try:
                with doors.lock_waits():
                    service(actor=user, launch_id=launch_id, now=clock.now(), **arguments)
            except Busy as error:
                status_code = doors.refused(form, error)
            except DomainError as error:
                if not set(error.fields) & set(form.fields):
                    return _back(request, launch_id, error)
                doors.errors_to_form(form, error)
            else:
                messages.success(request, move.done.format(mission=launch.mission_name))
                return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
        context = {
            "launch": launch,
            "move": move,
            "form": form,
            "effect": booking_selectors.launch_effect(launch_id=launch_id),
        }
        return page(request, desk, "supplier/launch_move.html", context, status=status_code if form.errors else 200)

    view.__doc__ = f"Ask, then: {move.button}."
    return view


launch_schedule = _move_view(LaunchStatus.SCHEDULED, launch_services.launch_schedule)
launch_confirm = _move_view(LaunchStatus.CONFIRMED, launch_services.launch_confirm)
launch_abort = _move_view(LaunchStatus.ABORTED, launch_services.launch_abort)
launch_launched = _move_view(LaunchStatus.LAUNCHED, launch_services.launch_mark_launched)
launch_failed = _move_view(LaunchStatus.FAILED, launch_services.launch_mark_failed)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_required
def launch_delay(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Ask for the new date, show what it would do, and delay the launch when that is confirmed."""
    user: Any = request.user
    launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
    move = MOVES[LaunchStatus.DELAYED]
    if request.method != "POST" and _refused(request, launch, LaunchStatus.DELAYED):
        return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
    form = DelayForm(request.POST if request.method == "POST" else None, initial=DelayForm.departure_initial(launch))
    context: dict[str, Any] = {"launch": launch, "move": move, "form": form, "sure": None}
    status = 422
    if form.is_bound and form.is_valid():
        departure_at = form.departure_at(zone=launch.spaceport.time_zone)
        precision = form.cleaned_data["departure_precision"]
        step = request.POST.get("step")
        # Asking everybody cannot be taken back: who publishes a far delay types the mission's name, as for an abort.
        sure = MoveForm(
            request.POST if step == "confirmed" else None,
            needs_reason=False,
            typed=launch.mission_name if _is_far(launch, departure_at) else "",
        )
        if step == "confirmed" and not sure.is_valid():
            context |= _preview(user, launch, departure_at, precision, sure)
        elif step == "confirmed":
            try:
                with doors.lock_waits():
                    launch_services.launch_delay(
                        actor=user,
                        launch_id=launch_id,
                        departure_at=departure_at,
                        departure_precision=precision,
                        reason=form.cleaned_data["reason"],
                        now=clock.now(),
                    )
            except Busy as error:
                status = doors.refused(form, error)
                context |= _preview(user, launch, departure_at, precision, sure)
            except DomainError as error:
                if error.kind is not Kind.INVALID:
                    return _back(request, launch_id, error)
                if "departure_at" in error.fields:
                    error.fields["departure_date"] = error.fields.pop("departure_at")
                doors.errors_to_form(form, error)
            else:
                messages.success(request, move.done.format(mission=launch.mission_name))
                return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
        elif departure_at <= launch.departure_at:
            form.add_error(
                "departure_date", f"A delay moves the departure to a later time than {launch.departure_text}."
            )
        elif step != "change":
            context |= _preview(user, launch, departure_at, precision, sure)
    is_refused = form.errors or (context["sure"] and context["sure"].errors)
    return page(request, desk, "supplier/launch_delay.html", context, status=status if is_refused else 200)


def _is_far(launch: Any, departure_at: datetime) -> bool:
    """Whether a delay asks every booking what it wants."""
    return slip_days(launch.departure_at, departure_at, launch.spaceport.time_zone) >= settings.SLIP_DAYS


def _preview(user: Any, launch: Any, departure_at: datetime, precision: str, sure: MoveForm) -> dict[str, Any]:
    """Say what a delay would do; it is published from there, if it is far by typing the mission's name."""
    return {
        "is_preview": True,
        "sure": sure,
        "slip_days": settings.SLIP_DAYS,
        "new_departure": departure_text(departure_at, precision, launch.spaceport.time_zone),
        "preview": booking_selectors.delay_preview(
            actor=user, launch_id=launch.pk, departure_at=departure_at, now=clock.now()
        ),
    }


def _refused(request: HttpRequest, launch: Any, status: LaunchStatus) -> bool:
    """Tell on the next page, if the launch cannot be moved so now, why there is nothing to ask."""
    if status in launch_selectors.moves_possible(launch=launch, now=clock.now()):
        return False
    messages.error(
        request, f"{launch.mission_name} is {launch.get_status_display().lower()}: that is not possible now."
    )
    return True


def _back(request: HttpRequest, launch_id: int, error: DomainError) -> HttpResponse:
    """Show a refusal on the launch's page. Raises: what is no refusal of this move."""
    if error.kind in (Kind.FORBIDDEN, Kind.NOT_FOUND):
        raise error
    doors.errors_to_messages(request, error)
    return htmx.redirect_page(request, "supplier:launch-detail", launch_id=launch_id)
