"""Sign in and out: one door for the three portals and the admin."""

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import errors, selectors, services
from accounts.demo import PASSWORD, DemoPerson
from accounts.doors import entering, limits
from accounts.doors.checking import user_authenticated
from accounts.doors.forms import SignInForm
from accounts.doors.onward import wanted_page
from accounts.models import User


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password; go on to `next` if it is ours, else to the user's own portal."""
    if isinstance(request.user, User) and request.method != "POST" and wanted_page(request):
        return HttpResponseRedirect(wanted_page(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        counted = limits.sign_in_guesses(request)
        if limits.is_used_up(**counted):
            sentence = "Too many attempts to sign in came from your network. Try again in 15 minutes."
            return limits.too_many(request, sentence=sentence, seconds=900)
        try:
            user = user_authenticated(
                request, email=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except errors.AccountError as error:
            limits.is_within(**counted)
            form.take(error)
        else:
            if user.needs_second_factor:
                return entering.half_way(request, user)
            return entering.entered(request, user, entering.onward(request, user))
    return _page(request, form)


def _page(request: HttpRequest, form: SignInForm) -> HttpResponse:
    values = {
        "form": form,
        "next": wanted_page(request),
        "next_query": urlencode({"next": wanted_page(request)}),
        "demo_people": [(person, _path(person)) for person in selectors.demo_signins()],
        "demo_password": PASSWORD,
        "has_second_factor": settings.EMPLOYEE_SECOND_FACTOR,
    }
    return TemplateResponse(request, "accounts/sign_in.html", values, status=422 if form.errors else 200)


def _path(person: DemoPerson) -> str:
    try:
        return reverse(person.home)
    except NoReverseMatch:  # a portal that this installation leaves out
        return ""


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("customer:home")


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session and token of the person, this session too."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required says so; for the type checker
    services.sessions_end(user=user)
    auth.logout(request)
    messages.success(request, "You are signed out in every browser and program. Sign in again where you want to be.")
    return redirect("accounts:sign-in")


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Go to the user's own portal."""
    if not isinstance(request.user, User):
        return redirect("accounts:sign-in")
    return redirect(selectors.home_url_name(request.user))


@never_cache
@require_GET
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Stand in for the admin's own sign-in page."""
    wanted = wanted_page(request) or reverse("admin:index")
    if not isinstance(request.user, User):
        return HttpResponseRedirect(f"{reverse('accounts:sign-in')}?{urlencode({'next': wanted})}")
    if not request.user.is_staff:
        raise PermissionDenied("The admin is for employees of Astro Bookings.")
    return HttpResponseRedirect(wanted)
