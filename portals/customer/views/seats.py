"""From a choice on the cabin plan to named passengers."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import errors as booking_errors
from bookings import services as booking_services
from common import clock
from common.errors import Busy, DomainError, Kind
from launches import selectors as launch_selectors
from portals.customer import holds, travellers
from portals.customer.forms.passengers import PassengerForm, passenger_errors, passenger_forms, passenger_inputs
from portals.customer.forms.seats import seats_chosen, seats_lenient
from portals.customer.rendering import me, page
from portals.customer.views.catalogue import launch_page
from portals.shared.doors import customer_required, errors_to_messages, lock_waits, translate_domain_errors
from portals.shared.htmx import redirect_page

SlugView = Callable[[HttpRequest, str], HttpResponse]


def _choice_kept(view: SlugView) -> SlugView:
    """Bring strangers and refused choices back to the launch's page with the seats still ticked, also when busy."""

    @wraps(view)
    def kept(request: HttpRequest, slug: str) -> HttpResponse:
        back = f"{resolve_url('customer:launch-detail', slug)}{seats_lenient(request.POST).query}#seats"
        try:
            if not request.user.is_authenticated:
                seats_chosen(request.POST)  # who chose nothing is told so here, not after signing in
                messages.info(request, "Sign in to hold your seats. Your choice is kept.")
                return redirect_to_login(back, reverse("accounts:sign-in"))
            with lock_waits():
                return view(request, slug)
        except Busy as error:
            errors_to_messages(request, error)
            return launch_page(request, slug=slug, chosen=seats_lenient(request.POST), status=503)
        except DomainError as error:
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            errors_to_messages(request, error)
            return redirect_page(request, back)

    return kept


@require_POST
@translate_domain_errors()
@_choice_kept
@customer_required
def seats_hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Hold the ticked seats, or the best ones for a party."""
    chosen = seats_chosen(request.POST)
    launch = launch_selectors.launch_ground(slug=slug)
    hold = booking_services.seats_hold(
        customer=me(request), launch_id=launch.id, seat_ids=chosen.ids, party=chosen.party, now=clock.now()
    )
    return redirect_page(request, "customer:hold-passengers", hold.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def hold_passengers(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Name the passengers of held seats; comes back filled in while nothing is paid."""
    sight = holds.hold_sight(customer=me(request), hold_id=hold_id, now=clock.now())
    if sight.onward:
        return redirect_page(request, sight.onward)
    if request.method == "POST":
        return _passengers_take(request, sight)
    people = travellers.people_of(customer=me(request))
    own = people.own if people and request.GET.get("me") != "no" else None
    forms = passenger_forms(labels=sight.labels, initial=sight.named or ([own] if own else []))
    return passengers_page(request, sight, forms, people=people, is_prefilled=bool(own) and not sight.named)


def _passengers_take(request: HttpRequest, sight: holds.HoldSight) -> HttpResponse:
    forms = passenger_forms(labels=sight.labels, data=request.POST)
    people = travellers.people_of(customer=me(request))
    # Enter in any field presses the page's first button: that means to go on, unless somebody was chosen.
    if "fill_in" in request.POST and travellers.is_anybody_chosen(forms=forms, data=request.POST):
        if people:
            initial = travellers.filled_in(forms=forms, data=request.POST, people=people)
            forms = passenger_forms(labels=sight.labels, initial=initial)
        return passengers_page(request, sight, forms, people=people, shows_errors=False)
    inputs = passenger_inputs(forms)
    if inputs is None:
        return passengers_page(request, sight, forms, people=people)
    try:
        with lock_waits():
            booking = booking_services.booking_create(
                customer=me(request), hold_id=sight.hold.pk, passengers=inputs, now=clock.now()
            )
    except booking_errors.PassengersInvalid as error:
        passenger_errors(forms, error)
        return passengers_page(request, sight, forms, people=people)
    except Busy as error:
        passenger_errors(forms, error)
        return passengers_page(request, sight, forms, people=people, status=503)
    except booking_errors.HoldExpired:
        return redirect_page(request, "customer:hold-expired", sight.hold.pk)
    return redirect_page(request, "customer:booking-review", booking.reference)


def passengers_page(
    request: HttpRequest,
    sight: holds.HoldSight,
    forms: list[PassengerForm],
    *,
    people: travellers.People | None = None,
    is_prefilled: bool = False,
    shows_errors: bool = True,
    status: int = 422,
) -> HttpResponse:
    """Show the forms; their problems with that status, unless they are still being filled in."""
    context: dict[str, Any] = {"sight": sight, "forms": forms, "is_prefilled": is_prefilled}
    # Who has saved nobody is filled in as passenger 1 anyway.
    context["people"] = people.choices if people and people.saved else []
    context["problems"] = shows_errors and any(form.errors for form in forms)
    if not shows_errors:
        for form in forms:
            form.errors.clear()
    context["extension_minutes"] = settings.HOLD_EXTENSION_MINUTES
    context["age_hint"] = (
        f"Passengers are {settings.PASSENGER_AGE_MIN} to {settings.PASSENGER_AGE_MAX} years old on the departure date."
    )
    return page(request, "customer/hold_passengers.html", context, status=status if context["problems"] else 200)


@require_POST
@customer_required
@translate_domain_errors(back_to="customer:hold-passengers")
def hold_release(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Give the seats back."""
    hold = booking_services.hold_release(customer=me(request), hold_id=hold_id)
    messages.success(request, "Your seats are free again. Nothing was charged.")
    launch = launch_selectors.launch_get(launch_id=hold.launch_id)
    return redirect_page(request, "customer:launch-detail", launch.slug)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def hold_expired(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Tell that the time ran out, and offer the same seats again."""
    sight = holds.ended_sight(customer=me(request), hold_id=hold_id, now=clock.now())
    return page(request, "customer/hold_expired.html", {"sight": sight, "launch": sight.hold.launch})
