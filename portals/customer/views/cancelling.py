"""Changing one's mind: who, what comes back, a clear yes, the outcome."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings import errors as booking_errors
from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import clock
from common.errors import Busy
from portals.customer import quotes
from portals.customer.forms.cancelling import SureForm, WhoForm
from portals.customer.rendering import me, page
from portals.shared.doors import (
    customer_required,
    errors_to_messages,
    lock_waits,
    refused,
    translate_domain_errors,
)
from portals.shared.htmx import redirect_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors(back_to="customer:trip-detail")
def trip_cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose who does not fly; the quote follows."""
    booking = booking_selectors.booking_get_for_customer(customer=me(request), reference=reference)
    flying = quotes.flying(booking=booking)
    form = WhoForm(request.POST if request.method == "POST" else None, choices=[(one.id, one.words) for one in flying])
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                quote = booking_services.cancellation_quote(
                    customer=me(request),
                    reference=reference,
                    passenger_ids=form.cleaned_data["passengers"],
                    now=clock.now(),
                )
        except Busy as error:
            status = refused(form, error)
        else:
            return redirect_page(request, "customer:trip-cancel-quote", booking.reference, quote.pk)
    context = {"booking": booking, "form": form, "is_possible": quotes.is_possible(booking=booking, now=clock.now())}
    return page(request, "customer/trip_cancel.html", context, status=status if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def trip_cancel_quote(request: HttpRequest, reference: str, quote_id: UUID) -> HttpResponse:
    """Show what comes back; a ticked box and a button cancel exactly that."""
    sight = quotes.quote_sight(customer=me(request), reference=reference, quote_id=quote_id, now=clock.now())
    if sight.is_used:
        return redirect_page(request, "customer:trip-cancelled", reference, quote_id)
    form = SureForm(request.POST if request.method == "POST" else None)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            return _cancel(request, reference, quote_id)
        except Busy as error:
            status = refused(form, error)
    context = {"sight": sight, "booking": sight.booking, "form": form}
    return page(request, "customer/trip_cancel_quote.html", context, status=status if form.errors else 200)


def _cancel(request: HttpRequest, reference: str, quote_id: UUID) -> HttpResponse:
    try:
        with lock_waits():
            booking_services.booking_cancel(
                customer=me(request), reference=reference, quote_id=quote_id, now=clock.now()
            )
    except booking_errors.QuoteExpired as error:
        errors_to_messages(request, error)
        return redirect_page(request, "customer:trip-cancel", reference)
    return redirect_page(request, "customer:trip-cancelled", reference, quote_id)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def trip_cancelled(request: HttpRequest, reference: str, quote_id: UUID) -> HttpResponse:
    """What was cancelled, and what comes back when."""
    sight = quotes.quote_sight(customer=me(request), reference=reference, quote_id=quote_id, now=clock.now())
    if not sight.is_used:
        return redirect_page(request, "customer:trip-cancel-quote", reference, quote_id)
    return page(request, "customer/trip_cancelled.html", {"sight": sight, "booking": sight.booking})
