"""From the right password to a session; an employee's way leads past the second factor."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import selectors, tokens
from accounts.doors.onward import wanted_page, wanted_page_forget
from accounts.doors.places import browser_note
from accounts.enums import UserKind
from accounts.models import User

_HALF = "accounts.half_signed_in"  # also the purpose of the mark
_BACKEND = "accounts.backends.EmailBackend"
HALF_FOR = timedelta(minutes=10)


def half_way(request: HttpRequest, user: User) -> HttpResponse:
    """
    Remember in this browser that the password was right, and ask for the code; nobody is signed in here meanwhile.

    To everything but the two pages of the second factor the visitor is a stranger still.
    """
    onward = wanted_page(request)
    auth.logout(request)  # whoever was signed in here wished to be somebody else
    request.session[_HALF] = {
        "user": user.pk,
        "mark": tokens.fingerprint(user, _HALF),
        "at": int(timezone.now().timestamp()),
        "onward": onward,
    }
    request.session.set_expiry(int(HALF_FOR.total_seconds()))
    request.session.cycle_key()
    return redirect("accounts:code")


def half_way_user(request: HttpRequest, *, now: datetime) -> User | None:
    """Return whose password was right in this browser, within ten minutes and before it changed; else None."""
    kept = request.session.get(_HALF)
    if kept is None or not -60 < now.timestamp() - kept["at"] < HALF_FOR.total_seconds():
        return None
    user = selectors.user_active(user_id=kept["user"])
    if user is None or not constant_time_compare(tokens.fingerprint(user, _HALF), kept["mark"]):
        return None
    return user


def half_way_onward(request: HttpRequest, user: User) -> str:
    """Return where somebody half-way wants to go."""
    return str(request.session.get(_HALF, {}).get("onward", "")) or resolve_url(selectors.home_url_name(user))


def entered(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """Begin the session of a user who has proved everything, note the place, and return the response."""
    request.session.pop(_HALF, None)
    auth.login(request, user, backend=_BACKEND)
    # From the sign-in on, whatever is done meanwhile: Django would begin anew with each change of a session.
    request.session.set_expiry(timezone.now() + _session_age(user))
    wanted_page_forget(request)
    browser_note(request, response, user)
    return response


def onward(request: HttpRequest, user: User) -> HttpResponseRedirect:
    """Lead to `next`, if that is ours, else to the user's own portal."""
    return HttpResponseRedirect(wanted_page(request) or resolve_url(selectors.home_url_name(user)))


def _session_age(user: User) -> timedelta:
    if user.kind == UserKind.EMPLOYEE:
        return timedelta(hours=settings.EMPLOYEE_SESSION_HOURS)
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
