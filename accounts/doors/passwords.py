"""Passwords forgotten and changed."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors, selectors, services
from accounts.doors import limits
from accounts.doors.forms import ChangePasswordForm, EmailForm, NewPasswordForm
from accounts.models import User
from common.errors import InvalidInput
from common.web.addresses import client_address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Have a reset link sent; the answer is the same whether or not the e-mail has an account."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not limits.is_within(what="reset", who=client_address(request), times=20, seconds=600):
            return limits.too_many(
                request,
                sentence="Too many links were asked for from your network. Try again in ten minutes.",
                seconds=600,
            )
        email = form.cleaned_data["email"]
        if not limits.is_mail_within(what="reset-mail", email=email):  # the links that are on their way will do
            return redirect("accounts:forgotten-sent")
        try:
            services.password_reset_request(email=email)
        except InvalidInput as error:
            form.take(error)
        else:
            return redirect("accounts:forgotten-sent")
    return TemplateResponse(request, "accounts/forgotten.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way if the address has an account."""
    return TemplateResponse(request, "accounts/forgotten_sent.html")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set a new password by the link of a mail; signs nobody in."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    try:
        selectors.user_by_reset_link(uid=uid, token=token)
        if form.is_bound and form.is_valid():
            services.password_reset(uid=uid, token=token, password=form.cleaned_data["password"], now=timezone.now())
            messages.success(request, "Your new password is set. Sign in with it.")
            return redirect("accounts:sign-in")
    except errors.LinkInvalid as error:
        values = {"message": error.message, "is_reset": True}
        return TemplateResponse(request, "accounts/link_invalid.html", values, status=410)
    except InvalidInput as error:
        form.take(error)
    return TemplateResponse(request, "accounts/reset.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("old_password", "password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Replace the password; every other session and token of the user ends, this one goes on."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required says so; for the type checker
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not limits.is_within(what="change", who=str(user.pk), times=10, seconds=900):
            return limits.too_many(request, sentence="Too many attempts. Try again in 15 minutes.", seconds=900)
        try:
            services.password_change(user=user, **form.cleaned_data)
        except InvalidInput as error:
            form.take(error)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Other devices are signed out.")
            return redirect("accounts:change-password")
    return TemplateResponse(
        request, "accounts/change_password.html", {"form": form}, status=422 if form.errors else 200
    )
