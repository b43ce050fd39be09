"""Moving a booking to another launch: where to, which seats, what it costs, a clear yes or the payment."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import errors as booking_errors
from bookings import services as booking_services
from common import clock
from common.errors import Busy, DomainError, Kind
from finance import errors as finance_errors
from finance import selectors as finance_selectors
from finance import services as finance_services
from finance.enums import PaymentStatus
from launches import selectors as launch_selectors
from portals.customer import moves
from portals.customer.forms.payment import CardForm, ChallengeForm, NoCardForm
from portals.customer.forms.seats import seats_lenient
from portals.customer.moves import MoveSight, Stage, Way
from portals.customer.progress import GIVEN_UP, SANDBOX
from portals.customer.rendering import me, page
from portals.customer.views.card_form import card_form
from portals.shared.doors import (
    customer_required,
    errors_to_form,
    errors_to_messages,
    lock_waits,
    refused,
    translate_domain_errors,
)
from portals.shared.htmx import redirect_page

# What the page itself tells, by the stage that the move is at then.
_TOLD_BY_STAGE = (
    finance_errors.PaymentDeclined,
    finance_errors.NothingToPay,
    finance_errors.PaymentNotFound,
    booking_errors.SeatsGone,
    booking_errors.RebookingOver,
)


def _way(request: HttpRequest, reference: str) -> Way:
    return Way(customer=me(request), reference=reference.upper())


@require_safe
@never_cache
@customer_required
@translate_domain_errors()
def trip_move(request: HttpRequest, reference: str) -> HttpResponse:
    """The launches that a trip could move to, and what each would cost or give back."""
    sight = moves.options_sight(way=_way(request, reference), now=clock.now())
    return page(request, "customer/trip_move.html", {"sight": sight, "booking": sight.booking})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors(back_to="customer:trip-move-seats")
def trip_move_seats(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Choose seats on the other launch; they are then held."""
    return seats_page(request, _way(request, reference), slug)


@sensitive_post_parameters("number", "expiry", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def trip_move_check(request: HttpRequest, reference: str, rebooking_id: UUID) -> HttpResponse:
    """Show before and after; a button moves the booking, or a card pays the difference and moves it."""
    sight = moves.move_sight(way=_way(request, reference), rebooking_id=rebooking_id, now=clock.now())
    if sight.stage is Stage.PAY:
        return _pay(request, sight)
    if sight.stage is Stage.CODE:
        return _code(request, sight)
    return check_page(request, sight)


@require_POST
@customer_required
@translate_domain_errors()
def trip_move_give_up(request: HttpRequest, reference: str, rebooking_id: UUID) -> HttpResponse:
    """Give the new seats back and stay."""
    return give_up(request, _way(request, reference), rebooking_id)


@require_POST
@never_cache
@customer_required
@translate_domain_errors()
def move_payment_give_up(request: HttpRequest, reference: str, rebooking_id: UUID) -> HttpResponse:
    """Give a payment up that waits for the card holder, so that another card can be used."""
    with suppress(*_TOLD_BY_STAGE, finance_errors.PaymentNotAbandonable):
        payment = finance_services.rebooking_payment_abandon(
            customer=me(request), rebooking_id=rebooking_id, now=clock.now()
        )
        if payment.status == PaymentStatus.ABANDONED:  # as for a booking's payment
            messages.info(request, GIVEN_UP)
    return redirect_page(request, "customer:trip-move-check", reference, rebooking_id)


# --- shared with the pages of a slip's link ---------------------------------------------------------
def seats_page(request: HttpRequest, way: Way, slug: str) -> HttpResponse:
    """Show a launch's seats, and hold what is chosen."""
    now = clock.now()
    sight = moves.options_sight(way=way, now=now)
    option = next((one for one in sight.options if one.launch.slug == slug), None)
    if option is None:
        return _no_option(request, sight, slug)
    chosen = seats_lenient(request.POST)
    status = 200
    if request.method == "POST":
        try:
            if not chosen.ids and not chosen.party:
                many = len(sight.ground.passengers)
                sentence = f"Tick {many} seat{'s' if many > 1 else ''}, or let us choose."
                raise booking_errors.SeatsUnknown(sentence)
            with lock_waits():
                move = booking_services.rebooking_open(
                    customer=way.customer,
                    reference=way.reference,
                    launch_id=option.launch.pk,
                    seat_ids=chosen.ids,
                    now=now,
                )
        except DomainError as error:
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                raise
            status = 503 if error.kind is Kind.BUSY else 422
            errors_to_messages(request, error)
        else:
            return redirect_page(request, way.check_url(move))
    context = {
        "sight": sight,
        "option": option.option,
        "launch": option.launch,
        "booking": sight.booking,
        "action": option.url,
        "seats": moves.seat_views(launch=option.launch, chosen=chosen.ids, now=now),
    }
    return page(request, "customer/trip_move_seats.html", context, status=status)


def _no_option(request: HttpRequest, sight: moves.OptionsSight, slug: str) -> HttpResponse:
    """Lead back to the list when a launch is no choice any more. Raises: LaunchNotFound."""
    launch_selectors.launch_ground(slug=slug)
    messages.error(request, "Your booking cannot move to that launch now. These are the launches it can move to.")
    return redirect_page(request, sight.way.start_url)


def check_page(request: HttpRequest, sight: MoveSight, *, status: int = 422, **more: Any) -> HttpResponse:
    """
    Show a move as it stands; confirm it when it is sent and costs nothing more.

    Args:
        status: of the answer if the form has errors.
    """
    if request.method == "POST" and sight.stage is Stage.CONFIRM:
        try:
            with lock_waits():
                booking_services.rebooking_confirm(
                    customer=sight.way.customer, rebooking_id=sight.move.pk, now=clock.now()
                )
        except Busy as error:
            errors_to_messages(request, error)
            return _check_page(request, sight, more, status=503)
        except booking_errors.RebookingOver as error:
            errors_to_messages(request, error)
        return redirect_page(request, sight.way.check_url(sight.move))
    form = more.get("form")
    return _check_page(request, sight, more, status=status if form and form.errors else 200)


def _check_page(request: HttpRequest, sight: MoveSight, more: dict[str, Any], *, status: int) -> HttpResponse:
    context = {"sight": sight, "move": sight.move, "booking": sight.move.booking, "form": None, **more}
    return page(request, "customer/trip_move_check.html", context, status=status)


def give_up(request: HttpRequest, way: Way, rebooking_id: UUID) -> HttpResponse:
    """Give a move up and go back; one that was made meanwhile, in another window, is shown as it is."""
    try:
        booking_services.rebooking_give_up(customer=way.customer, rebooking_id=rebooking_id, now=clock.now())
    except booking_errors.RebookingDone as error:
        errors_to_messages(request, error)
        sight = moves.move_sight(way=way, rebooking_id=rebooking_id, now=clock.now())
        return redirect_page(request, sight.check_url)
    messages.success(request, "Nothing was changed: your booking stays on its launch.")
    return redirect_page(request, way.back_url)


def _pay(request: HttpRequest, sight: MoveSight) -> HttpResponse:
    kind: type[CardForm | NoCardForm] = CardForm if finance_selectors.asks_for_cards() else NoCardForm
    form = kind(request.POST if request.method == "POST" else None)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                finance_services.rebooking_pay(
                    customer=sight.way.customer, rebooking_id=sight.move.pk, card=form.card, now=clock.now()
                )
        except finance_errors.CardInvalid as error:
            errors_to_form(form, error)
        except (*_TOLD_BY_STAGE, finance_errors.PaymentUnrecorded):
            return redirect_page(request, sight.way.check_url(sight.move))
        except Busy as error:
            status = refused(form, error)
        else:
            return redirect_page(request, sight.way.check_url(sight.move))
    cards, _ = finance_selectors.sandbox_cards()
    return check_page(request, sight, form=form, cards=cards, status=status)


def _code(request: HttpRequest, sight: MoveSight) -> HttpResponse:
    if sight.payment is not None and sight.payment.gateway != SANDBOX:
        return card_form(
            request,
            payment=sight.payment,
            hold=sight.move.hold,
            here=sight.check_url,
            give_up=reverse("customer:move-payment-give-up", args=[sight.move.booking.reference, sight.move.pk]),
            is_move=True,
        )
    form = ChallengeForm(request.POST if request.method == "POST" else None)
    status = 422
    if form.is_bound and form.is_valid():
        try:
            with lock_waits():
                finance_services.rebooking_challenge_answer(
                    customer=sight.way.customer,
                    rebooking_id=sight.move.pk,
                    code=form.cleaned_data["code"],
                    now=clock.now(),
                )
        except finance_errors.ChallengeRefused as error:
            errors_to_form(form, error)
        except Busy as error:
            status = refused(form, error)
        except _TOLD_BY_STAGE:
            return redirect_page(request, sight.way.check_url(sight.move))
        else:
            return redirect_page(request, sight.way.check_url(sight.move))
    return check_page(request, sight, form=form, code=finance_selectors.sandbox_cards()[1], status=status)
