"""Waiting for seats: joining a list, one's place in it, answering an offer."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings import errors as booking_errors
from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import clock
from common.errors import Busy
from launches import selectors as launch_selectors
from portals.customer.forms.seats import seats_lenient
from portals.customer.forms.waiting import party_asked
from portals.customer.rendering import me, page
from portals.customer.views.catalogue import launch_page
from portals.shared.doors import customer_required, errors_to_messages, lock_waits, translate_domain_errors
from portals.shared.htmx import redirect_page


@require_POST
@translate_domain_errors(back_to="customer:launch-detail")
def waiting_join(request: HttpRequest, slug: str) -> HttpResponse:
    """Join a launch's waiting list; strangers sign in first and come back to the launch."""
    if not request.user.is_authenticated:
        back = f"{resolve_url('customer:launch-detail', slug)}#waiting"
        return redirect_to_login(back, reverse("accounts:sign-in"))
    return _join(request, slug)


@customer_required
def _join(request: HttpRequest, slug: str) -> HttpResponse:
    launch = launch_selectors.launch_ground(slug=slug)
    try:
        with lock_waits():
            entry = booking_services.waiting_join(
                customer=me(request), launch_id=launch.id, party=party_asked(request.POST), now=clock.now()
            )
    except Busy as error:
        errors_to_messages(request, error)
        return launch_page(request, slug=slug, chosen=seats_lenient(request.POST), status=503)
    messages.success(request, "You are on the waiting list. We write to you when there are seats for you.")
    return redirect_page(request, "customer:waiting-detail", entry.pk)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def waiting_detail(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show one's place in a list, or the offer with its end."""
    view = booking_selectors.waiting_get(customer=me(request), entry_id=entry_id, now=clock.now())
    context = {"view": view, "entry": view.entry, "launch": view.entry.launch, "hours": settings.WAITING_OFFER_HOURS}
    if view.entry.hold is not None:
        context["total"] = view.entry.hold.price_amount * view.entry.party
    return page(request, "customer/waiting_detail.html", context)


@require_POST
@customer_required
@translate_domain_errors(back_to="customer:waiting-detail")
def waiting_leave(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Leave the list."""
    booking_services.waiting_leave(customer=me(request), entry_id=entry_id, now=clock.now())
    messages.success(request, "You have left the waiting list.")
    return redirect_page(request, "customer:trip-list")


@require_POST
@customer_required
@translate_domain_errors(back_to="customer:waiting-detail")
def offer_accept(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take the offered seats and go on to the passengers; an offer that is over is told on its own page."""
    try:
        entry = booking_services.offer_accept(customer=me(request), entry_id=entry_id, now=clock.now())
    except (booking_errors.OfferLapsed, booking_errors.NothingOffered) as error:
        errors_to_messages(request, error)
        return redirect_page(request, "customer:waiting-detail", entry_id)
    return redirect_page(request, "customer:hold-passengers", entry.hold_id)


@require_POST
@customer_required
@translate_domain_errors(back_to="customer:waiting-detail")
def offer_decline(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Give the offered seats to the next."""
    booking_services.offer_decline(customer=me(request), entry_id=entry_id, now=clock.now())
    messages.success(request, "The seats go to the next who waits. Nothing was charged.")
    return redirect_page(request, "customer:waiting-detail", entry_id)
