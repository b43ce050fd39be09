"""My trips."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings import selectors as booking_selectors
from bookings.errors import BookingNotFound
from common import clock
from common.errors import InvalidInput
from common.web.downloads import pdf_response
from finance import selectors as finance_selectors
from notifications import selectors as notification_selectors
from portals.customer import holds, trips
from portals.customer.progress import progress_of
from portals.customer.rendering import me, page
from portals.shared.doors import customer_required, translate_domain_errors
from portals.shared.htmx import redirect_page

COMING_MAX = 200  # more than anybody can book and fly
PAST_ON_PAGE = 20


@require_safe
@never_cache
@customer_required
def trip_list(request: HttpRequest) -> HttpResponse:
    """All trips, and what is not finished yet; with `before`, the past ones that an earlier page had no room for."""
    now, before = clock.now(), request.GET.get("before", "")
    try:
        past = booking_selectors.trips_past(customer=me(request), cursor=before, limit=PAST_ON_PAGE)
    except InvalidInput:  # an address cut off while it was passed on: begin at the beginning
        return redirect_page(request, "customer:trip-list")
    if before:
        context = {"past": trips.cards(past.trips), "past_before": past.next_cursor, "is_earlier": True}
        return page(request, "customer/trip_list.html", context)
    coming = booking_selectors.trips_coming(customer=me(request), limit=COMING_MAX)
    in_check = [trips.InCheck(one) for one in finance_selectors.payments_in_check(customer=me(request))]
    paying = {one.payment.booking.hold_id for one in in_check}
    holds_ = booking_selectors.unfinished_list(customer=me(request), now=now)
    context = {
        "coming": trips.cards(coming.trips),
        "past": trips.cards(past.trips),
        "past_before": past.next_cursor,
        "unfinished": [holds.Unfinished(hold) for hold in holds_ if hold.pk not in paying],
        "in_check": in_check,
        "slips": booking_selectors.slip_list_open(customer=me(request), now=now),
        "waiting": booking_selectors.waiting_list_for_customer(customer=me(request), now=now),
    }
    return page(request, "customer/trip_list.html", context)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def trip_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One trip: seats, passengers, money, documents, policy."""
    try:
        sight = trips.trip_sight(customer=me(request), reference=reference, now=clock.now())
    except BookingNotFound:  # not paid yet: lead to where it stands; somebody else's stays not found
        return redirect_page(request, progress_of(request=request, reference=reference).url)
    return page(request, "customer/trip_detail.html", {"sight": sight, "trip": sight.trip})


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def trip_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """One trip on paper, as the mail about it had it."""
    name, content = notification_selectors.booking_confirmation(
        customer=me(request), reference=reference, now=clock.now()
    )
    return pdf_response(content=content, name=name.removesuffix(".pdf"))
