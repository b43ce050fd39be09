"""Which seats of a launch are on sale."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import clock
from common.errors import DomainError
from launches import selectors as launch_selectors
from launches.selectors import Desk
from portals.shared import cabin, doors, htmx
from portals.supplier.desk import changes_required, page
from portals.supplier.seat_forms import CountForm, SeatsForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_required
def launch_seats(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Withdraw seats, put them back, or say how many are on sale."""
    launch = launch_selectors.launch_get_for_supplier(actor=_actor(request), launch_id=launch_id)
    seats = booking_selectors.seat_map(launch_id=launch_id, now=clock.now())
    on_sale = [seat for seat in seats if seat.state != "blocked"]
    wanted = request.POST.get("do", "") if request.method == "POST" else ""
    withdrawing = SeatsForm(request.POST if wanted == "withdraw" else None)
    returning = SeatsForm(request.POST if wanted == "return" else None)
    counting = CountForm(request.POST if wanted == "count" else None, initial={"count": len(on_sale)})
    forms: dict[str, Any] = {"withdraw": withdrawing, "return": returning, "count": counting}
    form, status = forms.get(wanted), 200
    if form is not None:
        status = _change(request, launch_id, wanted, form, seats)
        if status == 200:
            return htmx.redirect_page(request, "supplier:launch-seats", launch_id=launch_id)
    context = {
        "launch": launch,
        "form": form,
        "counting": counting,
        "on_sale": len(on_sale),
        "taken": sum(seat.state in ("sold", "held") for seat in seats),
        "capacity": launch_selectors.launch_capacity(launch=launch),
        "withdrawn": [seat for seat in seats if seat.state == "blocked"],
        "has_free": any(seat.state == "free" for seat in seats),
        "seats": [_seat(seat, is_ticked=str(seat.id) in withdrawing.ticked) for seat in seats],
    }
    return page(request, desk, "supplier/launch_seats.html", context, status=status)


def _change(request: HttpRequest, launch_id: int, wanted: str, form: Any, seats: list[Any]) -> int:
    """Do what a form asks; 200, or the status of the answer that shows it again."""
    if not form.is_valid():
        return 422
    values: dict[str, Any] = {"actor": _actor(request), "launch_id": launch_id, "now": clock.now()}
    try:
        with doors.lock_waits():
            if wanted == "count":
                booking_services.seats_on_sale_change(count=form.cleaned_data["count"], **values)
                count = form.cleaned_data["count"]
                said = f"{count} seat{' is' if count == 1 else 's are'} on sale."
            elif wanted == "withdraw":
                booking_services.seats_withdraw(seat_ids=form.cleaned_data["seat_ids"], **values)
                said = _said(_labels(form, seats), "off sale")
            else:
                booking_services.seats_return(seat_ids=form.cleaned_data["seat_ids"], **values)
                said = _said(_labels(form, seats), "on sale again")
    except DomainError as error:
        return doors.refused(form, error)
    messages.success(request, said)
    return 200


def _labels(form: Any, seats: list[Any]) -> list[str]:
    chosen = set(form.cleaned_data["seat_ids"])
    return [seat.label for seat in seats if seat.id in chosen]


def _said(labels: list[str], what: str) -> str:
    return f"{labels[0]} is {what}." if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]} are {what}."


def _seat(seat: Any, *, is_ticked: bool) -> cabin.SeatView:
    return cabin.SeatView(
        id=seat.id,
        label=seat.label,
        row=seat.row,
        column=seat.column,
        state=cabin.MINE if is_ticked and seat.state == cabin.FREE else seat.state,
        is_window=seat.is_window,
        is_exit=seat.is_exit,
    )


def _actor(request: HttpRequest) -> Any:
    return request.user
