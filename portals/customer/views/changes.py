"""More time for held seats, giving them back, and who sits where after the sale."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import clock
from common.errors import DomainError
from finance import services as finance_services
from portals.customer import holds, seating, travellers
from portals.customer.forms.passengers import PassengerForm, passenger_forms
from portals.customer.forms.seating import SeatForm
from portals.customer.rendering import me, page
from portals.customer.views.seats import passengers_page
from portals.shared.doors import customer_required, lock_waits, refused, translate_domain_errors
from portals.shared.htmx import is_htmx, redirect_page


@require_POST
@customer_required
@translate_domain_errors()
def hold_extend(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Keep held seats some minutes longer; what is typed on the page stays."""
    with lock_waits():
        hold = booking_services.hold_extend(customer=me(request), hold_id=hold_id, now=clock.now())
    minutes = settings.HOLD_EXTENSION_MINUTES
    if is_htmx(request):
        context = {"hold": hold, "extension_minutes": minutes, "was_extended": True}
        return page(request, "customer/parts/hold_time.html", context)
    messages.success(request, f"Your seats are held {minutes} minutes longer.")
    if "0-full_name" in request.POST:  # sent by the passengers' form, without JavaScript
        sight = holds.hold_sight(customer=me(request), hold_id=hold_id, now=clock.now())
        typed = passenger_forms(labels=sight.labels, data=request.POST)
        people = travellers.people_of(customer=me(request))
        return passengers_page(request, sight, typed, people=people, shows_errors=False)
    stay = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(stay, {request.get_host()}, require_https=request.is_secure())
    return redirect_page(request, stay if is_ours else reverse("customer:hold-passengers", args=[hold_id]))


@require_POST
@customer_required
@translate_domain_errors(back_to="customer:booking-review")
def booking_release(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the seats of an unpaid booking back."""
    finance_services.booking_give_up(customer=me(request), reference=reference, now=clock.now())
    booking = booking_selectors.booking_get_for_customer(customer=me(request), reference=reference)
    messages.success(request, "Your seats are free again. Nothing was charged.")
    return redirect_page(request, "customer:launch-detail", booking.launch.slug)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def trip_passengers(request: HttpRequest, reference: str) -> HttpResponse:
    """Everybody who flies, and what can still be changed."""
    sight = seating.party_sight(customer=me(request), reference=reference, now=clock.now())
    return page(request, "customer/trip_passengers.html", {"sight": sight, "booking": sight.booking})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def passenger_edit(
    request: HttpRequest, reference: str, passenger_id: int, *, is_replacement: bool = False
) -> HttpResponse:
    """Correct a passenger's details, or say who flies instead."""
    view = booking_selectors.passenger_view(
        customer=me(request), reference=reference, passenger_id=passenger_id, now=clock.now()
    )
    one, status = view.passenger, 200
    typed = request.POST if request.method == "POST" else None
    known = {name: getattr(one, name) for name in ("full_name", "email", "phone", "birth_date")}
    form = PassengerForm(typed, initial={} if is_replacement else known, use_required_attribute=False)
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                booking_services.passenger_change(
                    actor=me(request),
                    reference=reference,
                    passenger_id=passenger_id,
                    values=form.cleaned_data,
                    is_replacement=is_replacement,
                    now=clock.now(),
                )
        except DomainError as error:
            status = refused(form, error)
        else:
            said = f"{form.cleaned_data['full_name']} flies in seat {one.seat_label}." if is_replacement else "Saved."
            messages.success(request, f"{said} We confirm it by e-mail.")
            return redirect_page(request, "customer:trip-passengers", reference)
    elif form.is_bound:
        status = 422
    context: dict[str, Any] = {
        "view": view,
        "booking": view.booking,
        "form": form,
        "is_replacement": is_replacement,
        "age_hint": f"{settings.PASSENGER_AGE_MIN} to {settings.PASSENGER_AGE_MAX} years old on the departure date.",
    }
    return page(request, "customer/trip_passenger.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def passenger_seat(request: HttpRequest, reference: str, passenger_id: int) -> HttpResponse:
    """Choose another seat for a passenger, or exchange it with somebody of the booking."""
    view = booking_selectors.passenger_view(
        customer=me(request), reference=reference, passenger_id=passenger_id, now=clock.now()
    )
    form, status = SeatForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                changed = booking_services.seat_change(
                    actor=me(request),
                    reference=reference,
                    passenger_id=passenger_id,
                    seat_id=form.cleaned_data["seat"],
                    now=clock.now(),
                )
        except DomainError as error:
            status = refused(form, error)
        else:
            messages.success(request, f"{changed.full_name} has seat {changed.seat_label} now.")
            return redirect_page(request, "customer:trip-passengers", reference)
    elif form.is_bound:
        status = 422
    context = {
        "view": view,
        "booking": view.booking,
        "form": form,
        "seats": seating.choosable(view=view, chosen=form.chosen),
    }
    return page(request, "customer/trip_seat.html", context, status=status)
