"""Stripe's own form for the card, in a page that may load it and nothing else may."""

from contextlib import suppress
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from common import clock
from common.errors import DomainError
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.enums import PaymentStatus
from finance.errors import GatewayUnavailable
from portals.customer.rendering import page
from portals.shared.htmx import redirect_page

if TYPE_CHECKING:
    from bookings.models import Hold
    from finance.models import Payment

# What Stripe's library needs, as its documentation names it; only this page's policy is widened.
STRIPE_SOURCES = {
    "script-src": ["https://js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}


def card_form(
    request: HttpRequest, *, payment: "Payment", hold: "Hold", here: str, give_up: str, is_move: bool = False
) -> HttpResponse:
    """
    Show the form; whoever comes back from it, or from the bank's page, is led on as soon as the outcome is known.

    Args:
        here: the path of this page, which leads on by itself once the payment is no challenge any more.
        give_up: where a POST gives the payment up.
    """
    if request.method == "POST" or "payment_intent" in request.GET:
        with suppress(GatewayUnavailable, DomainError):  # the job asks again; the page stays as it is
            payment = finance_services.payment_ask(payment_id=payment.pk, now=clock.now())
        if payment.status != PaymentStatus.CHALLENGE:
            return redirect_page(request, here)
    context = {
        "payment": payment,
        "hold": hold,
        "here": here,
        "give_up": give_up,
        "is_move": is_move,
        "client_secret": finance_services.payment_client_secret(payment=payment),
        "publishable_key": finance_selectors.stripe_publishable_key(),
        "return_url": request.build_absolute_uri(here),
    }
    answer = page(request, "customer/booking_card_form.html", context)
    answer._csp_update = STRIPE_SOURCES  # type: ignore[attr-defined] # as csp's decorator does
    return answer
