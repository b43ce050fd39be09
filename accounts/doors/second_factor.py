"""
The second factor of employees: asked for after the password, set up at the first sign-in, changed by its owner.

The two pages of the sign-in are open to who gave the right password in this browser and is not signed in yet; the
others to signed-in employees.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors, selectors, services
from accounts.doors import entering, limits, qr
from accounts.doors.checking import code_checked, codes_counted
from accounts.doors.forms import CodeForm, DomainForm, EnrolForm, MoveForm
from accounts.models import User

_PARAMETERS = ("code", "present_code", "sealed")
View = Callable[[HttpRequest, User], HttpResponse]


def _half_way_required(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let in who gave the right password in this browser; send everybody else to give it."""

    @sensitive_post_parameters(*_PARAMETERS)
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def entered(request: HttpRequest) -> HttpResponse:
        user = entering.half_way_user(request, now=timezone.now())
        return redirect("accounts:sign-in") if user is None else _limited(request, user, view)

    return entered


def _owner_required(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let in signed-in employees where second factors are used; elsewhere there is no such page."""

    @sensitive_post_parameters(*_PARAMETERS)
    @never_cache
    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def entered(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.needs_second_factor:
            raise Http404
        return _limited(request, user, view)

    return entered


def _limited(request: HttpRequest, user: User, view: View) -> HttpResponse:
    try:
        return view(request, user)
    except errors.TooManyCodes as error:
        seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
        return limits.too_many(request, sentence=error.message, seconds=seconds)


@_half_way_required
def code(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for the code, and sign in."""
    if selectors.second_factor_get(user_id=user.pk) is None:
        return redirect("accounts:enrol")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            code_checked(request, user, code=form.cleaned_data["code"], now=timezone.now())
        except errors.CodeWrong as error:
            _wrong(form, error)
        else:
            onward = entering.half_way_onward(request, user)
            return entering.entered(request, user, redirect(onward))
    return _page(request, "code", form, user=user)


@_half_way_required
def enrol(request: HttpRequest, user: User) -> HttpResponse:
    """Show a secret for the device, take its first code, sign in, and show the recovery codes."""
    if selectors.second_factor_get(user_id=user.pk) is not None:
        return redirect("accounts:code")
    form = EnrolForm(request.POST if request.method == "POST" else None)
    proposal = services.second_factor_propose(user=user, sealed=form.data.get("sealed", ""))
    if form.is_bound and form.is_valid():
        try:
            with codes_counted(request, user):
                codes = services.second_factor_enrol(
                    user=user, proposal=proposal, code=form.cleaned_data["code"], now=timezone.now()
                )
        except errors.CodeWrong as error:
            _wrong(form, error)
        except errors.SecondFactorThere:
            return redirect("accounts:code")
        else:
            onward = entering.half_way_onward(request, user)
            return entering.entered(request, user, _codes(request, codes, onward=onward).render())
    return _page(request, "enrol", form, proposal=proposal, user=user)


@require_safe
@_owner_required
def overview(request: HttpRequest, user: User) -> HttpResponse:
    """Say since when there is a second factor and how many recovery codes are left."""
    return TemplateResponse(
        request, "accounts/second_factor.html", {"factor": selectors.second_factor_get(user_id=user.pk)}
    )


@_owner_required
def recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """Make new recovery codes after a code, and show them."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            with codes_counted(request, user):
                codes = services.recovery_codes_make(user=user, code=form.cleaned_data["code"], now=timezone.now())
        except errors.CodeWrong as error:
            _wrong(form, error)
        except errors.SecondFactorThere as error:
            form.take(error)
        else:
            return _codes(request, codes)
    return _page(request, "recovery_codes", form)


@_owner_required
def device(request: HttpRequest, user: User) -> HttpResponse:
    """Put another device in the place of the present one, after a code of each, and show new recovery codes."""
    form = MoveForm(request.POST if request.method == "POST" else None)
    proposal = services.second_factor_propose(user=user, sealed=form.data.get("sealed", ""))
    if form.is_bound and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("code", "present_code")}
        try:
            with codes_counted(request, user):
                codes = services.second_factor_move(user=user, proposal=proposal, now=timezone.now(), **given)
        except errors.CodeWrong as error:
            _wrong(form, error)
        except errors.SecondFactorThere as error:
            form.take(error)
        else:
            return _codes(request, codes)
    return _page(request, "device", form, proposal=proposal)


def _wrong(form: DomainForm, error: errors.CodeWrong) -> None:
    if error.fields:
        form.take(error)
    else:
        form.add_error("code", error.message)


def _page(
    request: HttpRequest,
    name: str,
    form: DomainForm,
    *,
    proposal: services.Proposal | None = None,
    user: User | None = None,
) -> HttpResponse:
    """Render a page with a form; `user` is who signs in, and with a proposal its picture and text are shown."""
    values: dict[str, Any] = {"form": form, "person": user}
    if proposal is not None:
        secret = proposal.secret
        values |= {
            "qr": qr.svg(
                proposal.address, label="QR code for your authenticator app; the same secret stands below as text"
            ),
            "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            "sealed": proposal.sealed,
        }
    return TemplateResponse(request, f"accounts/{name}.html", values, status=422 if form.errors else 200)


def _codes(request: HttpRequest, codes: list[str], *, onward: str = "") -> TemplateResponse:
    values = {"codes": codes, "onward": onward}
    response = TemplateResponse(request, "accounts/recovery_codes_shown.html", values)
    response["Cache-Control"] = "private, no-store"
    return response
