"""Register, and confirm the e-mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors, services
from accounts.doors import limits
from accounts.doors.forms import RegisterForm
from accounts.doors.onward import wanted_page, wanted_page_keep, wanted_page_kept
from common.errors import InvalidInput
from common.web.addresses import client_address

_WRITTEN_TO = "registered_email"  # in the session: shown back, so that a slip in it is seen


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make a customer's account; the answer is the same whether or not the e-mail has one already."""
    if request.user.is_authenticated:
        return redirect("accounts:home")
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not limits.is_within(what="register", who=client_address(request), times=20, seconds=600):
            return limits.too_many(
                request,
                sentence="Too many accounts were made from your network. Try again in ten minutes.",
                seconds=600,
            )
        if not limits.is_mail_within(what="register-mail", email=form.cleaned_data["email"]):
            return limits.too_many(
                request,
                sentence="Too many mails were asked for at this address. Look for them there, also under unwanted "
                "mails, or try again in ten minutes.",
                seconds=600,
            )
        try:
            services.customer_register(**form.cleaned_data, language=get_language_from_request(request))
        except InvalidInput as error:
            form.take(error)
        else:
            wanted_page_keep(request)
            request.session[_WRITTEN_TO] = form.cleaned_data["email"]
            return redirect("accounts:check-mail")
    values = {"form": form, "next": wanted_page(request)}
    return TemplateResponse(request, "accounts/register.html", values, status=422 if form.errors else 200)


@require_safe
@never_cache
def check_mail(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, and what to do when it does not come."""
    values = {"sign_in_url": _sign_in_url(request), "email": request.session.get(_WRITTEN_TO, "")}
    return TemplateResponse(request, "accounts/check_mail.html", values)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button (programs that scan mails open links too), and confirm when it is pressed. Signs nobody in."""
    if request.method != "POST":
        return TemplateResponse(request, "accounts/confirm.html")
    try:
        services.email_confirm(token=token, now=timezone.now())
    except errors.LinkInvalid as error:
        return TemplateResponse(request, "accounts/link_invalid.html", {"message": error.message}, status=410)
    return redirect("accounts:confirmed")


@require_safe
def confirmed(request: HttpRequest) -> HttpResponse:
    """Say that the e-mail is confirmed, and offer the sign-in, which goes on where the person came from."""
    values = {"sign_in_url": _sign_in_url(request), "goes_on": bool(wanted_page_kept(request))}
    return TemplateResponse(request, "accounts/confirmed.html", values)


def _sign_in_url(request: HttpRequest) -> str:
    kept = wanted_page_kept(request)
    return reverse("accounts:sign-in") + (f"?{urlencode({'next': kept})}" if kept else "")
