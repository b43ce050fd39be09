"""Check the answers, pay, and what comes after."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import errors as booking_errors
from bookings import selectors as booking_selectors
from common import clock
from common.dates import zone_name
from common.errors import Busy
from finance import errors as finance_errors
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.enums import PaymentStatus
from portals.customer.forms.payment import CardForm, ChallengeForm, NoCardForm
from portals.customer.progress import GIVEN_UP, SANDBOX, Progress, Stage, at_stage, progress_of
from portals.customer.rendering import me, page
from portals.customer.views.card_form import card_form
from portals.shared.doors import customer_required, errors_to_form, lock_waits, refused, translate_domain_errors
from portals.shared.htmx import redirect_page

# What the flow itself tells: the page where the booking then stands says it better than a message would.
_TOLD_BY_STAGE = (
    finance_errors.PaymentDeclined,
    finance_errors.NothingToPay,
    finance_errors.PaymentNotFound,
    finance_errors.PaymentNotAbandonable,
    booking_errors.SeatsGone,
    booking_errors.HoldExpired,
)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
@at_stage(Stage.PAY)
def booking_review(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Check your answers before paying."""
    booking = progress.booking
    policy = booking_selectors.policy_lines_for(
        tiers=booking.policy_tiers,
        departure_at=booking.launch.departure_at,
        zone=booking.launch.spaceport.time_zone,
        price=booking.price_amount,
        currency=booking.price_currency,
        now=progress.now,
    )
    context = {
        "booking": booking,
        "progress": progress,
        "policy": policy,
        "extension_minutes": settings.HOLD_EXTENSION_MINUTES,
    }
    return page(request, "customer/booking_review.html", context)


@sensitive_post_parameters("number", "expiry", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
@at_stage(Stage.PAY)
def booking_pay(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Pay with a card; a declined one leads back here with the reason."""
    kind: type[CardForm | NoCardForm] = CardForm if finance_selectors.asks_for_cards() else NoCardForm
    form = kind(request.POST if request.method == "POST" else None)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                finance_services.booking_pay(
                    customer=me(request), reference=progress.booking.reference, card=form.card, now=clock.now()
                )
        except finance_errors.CardInvalid as error:
            errors_to_form(form, error)
        except (*_TOLD_BY_STAGE, finance_errors.PaymentUnrecorded):
            return _onward(request, progress.booking.reference)
        except Busy as error:
            status = refused(form, error)
        else:
            return _onward(request, progress.booking.reference)
    cards, code = finance_selectors.sandbox_cards()
    context = {
        "booking": progress.booking,
        "progress": progress,
        "form": form,
        "cards": cards,
        "code": code,
        "extension_minutes": settings.HOLD_EXTENSION_MINUTES,
    }
    return page(request, "customer/booking_pay.html", context, status=status if form.errors else 200)


def _onward(request: HttpRequest, reference: str) -> HttpResponse:
    progress = progress_of(request=request, reference=reference)
    if progress.stage is Stage.PAY:  # declined: back to the card, not to the answers that were checked already
        return redirect_page(request, "customer:booking-pay", reference)
    return redirect_page(request, progress.url)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
@at_stage(Stage.CHALLENGE)
def booking_challenge(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Answer the check of the card's bank, or the gateway's own form."""
    reference, payment = progress.booking.reference, progress.payment
    if payment is not None and payment.gateway != SANDBOX:
        return card_form(
            request,
            payment=payment,
            hold=progress.booking.hold,
            here=reverse("customer:booking-challenge", args=[reference]),
            give_up=reverse("customer:payment-give-up", args=[reference]),
        )
    form, status = ChallengeForm(request.POST if request.method == "POST" else None), 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                finance_services.payment_challenge_answer(
                    customer=me(request),
                    reference=progress.booking.reference,
                    code=form.cleaned_data["code"],
                    now=clock.now(),
                )
        except finance_errors.ChallengeRefused as error:
            errors_to_form(form, error)
        except Busy as error:
            status = refused(form, error)
        except _TOLD_BY_STAGE:
            return _onward(request, progress.booking.reference)
        else:
            return _onward(request, progress.booking.reference)
    context = {
        "booking": progress.booking,
        "form": form,
        "code": finance_selectors.sandbox_cards()[1],
        "extension_minutes": settings.HOLD_EXTENSION_MINUTES,
    }
    return page(request, "customer/booking_challenge.html", context, status=status if form.errors else 200)


@require_POST
@never_cache
@customer_required
@translate_domain_errors()
def payment_give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a payment up that waits for the card holder, so that another card can be used."""
    with suppress(*_TOLD_BY_STAGE):
        payment = finance_services.payment_abandon(customer=me(request), reference=reference, now=clock.now())
        if payment.status == PaymentStatus.ABANDONED:  # its money may have come in meanwhile: then it counts
            messages.info(request, GIVEN_UP)
    return _onward(request, reference)


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
@at_stage(Stage.WAIT)
def booking_wait(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Say that the payment is being checked; once its outcome is known, this address leads on."""
    local = progress.now.astimezone(ZoneInfo(me(request).time_zone))
    context = {"booking": progress.booking, "looked_at": f"{local:%H:%M:%S} {zone_name(local)}"}
    return page(request, "customer/booking_wait.html", context, fragment="state")


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
@at_stage(Stage.DONE)
def booking_done(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The reference and what happens next; or that the seats were gone and the money comes back."""
    refunds = finance_selectors.refunds_of_booking(customer=me(request), reference=progress.booking.reference)
    context = {"booking": progress.booking, "progress": progress, "refunds": refunds}
    return page(request, "customer/booking_done.html", context)
