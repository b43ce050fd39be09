"""Stripe's own form for the card, in a page that may load it and nothing else may."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from common.errors import DomainError
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.errors import GatewayUnavailable
from portals.customer.progress import Progress, progress_of
from portals.customer.rendering import page
from portals.shared.htmx import redirect_page

# What Stripe's library needs, as its documentation names it; only this page's policy is widened.
STRIPE_SOURCES = {
    "script-src": ["https://js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}


def card_form(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Show the form; whoever comes back from it, or from the bank's page, is led on as soon as the outcome is known."""
    payment = progress.payment
    assert payment is not None  # noqa: S101 - the stage says so
    if request.method == "POST" or "payment_intent" in request.GET:
        with suppress(GatewayUnavailable, DomainError):  # the job asks again; the page stays as it is
            finance_services.payment_ask(payment_id=payment.pk, now=timezone.now())
        now = progress_of(request=request, reference=progress.booking.reference)
        if now.stage is not progress.stage:
            return redirect_page(request, now.url)
    context = {
        "booking": progress.booking,
        "progress": progress,
        "client_secret": finance_services.payment_client_secret(payment=payment),
        "publishable_key": finance_selectors.stripe_publishable_key(),
        "return_url": request.build_absolute_uri(
            reverse("customer:booking-challenge", args=[progress.booking.reference])
        ),
    }
    answer = page(request, "customer/booking_card_form.html", context)
    answer._csp_update = STRIPE_SOURCES  # type: ignore[attr-defined] # as csp's decorator does
    return answer
