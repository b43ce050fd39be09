"""
The page of a slip's link: keep, move, or leave; it needs no signing in.

Opening it changes nothing. Whoever has the link may answer, so it shows the reference, the launch, seats and amounts,
and nothing of the passengers. A link that was forged or cut short is a page that does not exist.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bookings import errors as booking_errors
from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import clock
from common.errors import Busy
from portals.customer import moves
from portals.customer.forms.moving import LeaveForm
from portals.customer.moves import SlipSight, Stage, Way
from portals.customer.rendering import page
from portals.customer.views.moving import check_page, give_up, seats_page
from portals.shared.doors import errors_to_messages, lock_waits, translate_domain_errors
from portals.shared.htmx import redirect_page


def _read(token: str) -> SlipSight:
    return SlipSight(decision=booking_selectors.slip_by_token(token=token), token=token, now=clock.now())


def _way(sight: SlipSight) -> Way:
    return Way(customer=sight.booking.customer, reference=sight.booking.reference, token=sight.token)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@translate_domain_errors()
def slip(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what to do about a slip, and take the answer."""
    sight = _read(token)
    if not sight.is_open:
        return page(request, "customer/slip_over.html", {"sight": sight}, status=410)
    form = LeaveForm(request.POST if request.POST.get("answer") == "refund" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and (request.POST.get("answer") == "keep" or form.is_valid()):
        try:
            return _answer(request, sight)
        except Busy as error:
            status = 503
            errors_to_messages(request, error)
    context = {"sight": sight, "form": form, "options": moves.options_sight(way=_way(sight), now=sight.now)}
    return page(request, "customer/slip.html", context, status=status)


def _answer(request: HttpRequest, sight: SlipSight) -> HttpResponse:
    try:
        with lock_waits():
            booking_services.slip_answer(
                decision_id=sight.decision.pk,
                answer=request.POST["answer"],
                now=clock.now(),
                actor=request.user if request.user == sight.booking.customer else None,
            )
    except booking_errors.SlipOver as error:
        errors_to_messages(request, error)
    else:
        messages.success(request, "Thank you, your answer is kept. We confirm it by e-mail.")
    return redirect_page(request, "customer:slip", sight.token)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@translate_domain_errors()
def slip_move_seats(request: HttpRequest, token: str, slug: str) -> HttpResponse:
    """Choose seats on another launch."""
    sight = _read(token)
    if not sight.is_open:
        return redirect_page(request, "customer:slip", token)
    return seats_page(request, _way(sight), slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@translate_domain_errors()
def slip_move_check(request: HttpRequest, token: str, rebooking_id: UUID) -> HttpResponse:
    """Show before and after; a move that costs more is paid after signing in."""
    sight = _read(token)
    move = moves.move_sight(way=_way(sight), rebooking_id=rebooking_id, now=sight.now)
    if not sight.is_open and move.stage is not Stage.DONE:
        return redirect_page(request, "customer:slip", token)
    return check_page(request, move)


@require_POST
@translate_domain_errors()
def slip_move_give_up(request: HttpRequest, token: str, rebooking_id: UUID) -> HttpResponse:
    """Give the new seats back and choose again."""
    sight = _read(token)
    if not sight.is_open:
        return redirect_page(request, "customer:slip", token)
    return give_up(request, _way(sight), rebooking_id)
