"""Pages that are open to everybody: what flies, who flies it, how booking works."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from bookings import selectors as booking_selectors
from common import clock
from common.errors import InvalidInput
from launches import selectors as launch_selectors
from launches.selectors import CatalogueFilters
from portals.customer import sights
from portals.customer.forms.search import SearchForm
from portals.customer.forms.seats import Seats, seats_lenient
from portals.customer.rendering import page
from portals.shared.doors import translate_domain_errors
from portals.shared.htmx import is_htmx

LEAVING_NEXT = 6
A_PAGE = 12
PER_SUPPLIER = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Welcome, search, and what leaves next."""
    now = clock.now()
    found = booking_selectors.offer_list(filters=CatalogueFilters(), now=now, seats=1, limit=LEAVING_NEXT)
    return page(
        request,
        "customer/home.html",
        {
            "form": SearchForm(now=now, party_max=_party_max(request)),
            "cards": sights.cards(found.entries),
            "has_more": bool(found.next_cursor),
        },
    )


def _party_max(request: HttpRequest) -> int:
    """Return how many seats of one launch the reader can have: a frequent flyer more than others."""
    reader: Any = request.user
    is_customer = reader.is_authenticated and reader.kind == "customer"
    return booking_selectors.seat_limit(customer=reader) if is_customer else settings.SEAT_LIMIT


@require_safe
@translate_domain_errors()
def launch_list(request: HttpRequest) -> HttpResponse:
    """The catalogue; `after` is the cursor of the page before, everything else is asked by SearchForm."""
    now = clock.now()
    form = SearchForm(request.GET, now=now, party_max=_party_max(request))
    after = request.GET.get("after", "")
    asked: dict[str, Any] = {
        "filters": form.filters(),
        "now": now,
        "seats": form.party,
        "sort": form.answers.get("sort", "departure"),
        "limit": A_PAGE,
    }
    try:
        found = booking_selectors.offer_list(**asked, cursor=after)
    except InvalidInput:  # an address cut off while it was passed on: begin at the beginning
        after = ""
        found = booking_selectors.offer_list(**asked)
    context: dict[str, Any] = {
        "form": form,
        "cards": sights.cards(found.entries, travellers=form.party),
        "is_first_page": not after,
        "takes_focus": bool(after) and is_htmx(request),
        "more_query": form.query(after=found.next_cursor) if found.next_cursor else "",
    }
    response = page(
        request,
        "customer/launch_list.html",
        context,
        fragment="more" if after else "results",
        status=422 if form.errors else 200,
    )
    if is_htmx(request) and not after:
        return push_url(response, resolve_url("customer:launch-list") + form.query())
    return response


@require_safe
@translate_domain_errors()
def launch_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One launch and its cabin; an address it had before leads to the present one."""
    return launch_page(request, slug=slug, chosen=seats_lenient(request.GET))


def launch_page(request: HttpRequest, *, slug: str, chosen: Seats, status: int = 200) -> HttpResponse:
    """Show a launch with the chosen seats ticked. Raises: LaunchNotFound."""
    ground = launch_selectors.launch_ground(slug=slug)
    if ground.is_old_address:
        return HttpResponsePermanentRedirect(resolve_url("customer:launch-detail", ground.slug) + chosen.query)
    sight = sights.launch_sight(ground=ground, viewer=request.user, chosen=chosen, now=clock.now())
    return page(request, "customer/launch_detail.html", {"sight": sight, "launch": sight.launch}, status=status)


@require_safe
def supplier_list(request: HttpRequest) -> HttpResponse:
    """Who flies, each with the launches that leave next."""
    found = booking_selectors.offers_by_supplier(now=clock.now(), per_supplier=PER_SUPPLIER)
    groups = [(group.supplier, sights.cards(group.entries), group.count) for group in found]
    return page(request, "customer/supplier_list.html", {"groups": groups})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How booking works, in the numbers that hold here."""
    numbers = {
        "hold_minutes": settings.HOLD_MINUTES,
        "seat_limit": settings.SEAT_LIMIT,
        "seat_limit_vip": settings.SEAT_LIMIT_VIP,
        "vip_trips": settings.VIP_TRIPS,
        "age_min": settings.PASSENGER_AGE_MIN,
        "age_max": settings.PASSENGER_AGE_MAX,
        "quote_minutes": settings.QUOTE_MINUTES,
        "offer_hours": settings.WAITING_OFFER_HOURS,
    }
    return page(request, "customer/help.html", {**numbers, "policy": launch_selectors.policy_get(code="standard")})
