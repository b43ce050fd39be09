"""What a request says about the place it comes from, and the cookie by which a browser is known again."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import policies, services
from accounts.models import User
from common.web.addresses import client_address

_COOKIE = "known-device"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_AGE_S = 400 * 24 * 3600  # what browsers allow at most


def browser_note(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Remember the browser that signed in, and give it its cookie (again, so that it stays)."""
    given = request.COOKIES.get(_COOKIE, "")
    device = given if _TOKEN.fullmatch(given) else secrets.token_urlsafe(32)
    _note(request, user, device=device)
    response.set_cookie(
        _COOKIE,
        device,
        max_age=_MAX_AGE_S,
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def program_note(request: HttpRequest, user: User) -> None:
    """Remember the program that signed in to the API; programs are known by their network and kind."""
    _note(request, user, device="")


def _note(request: HttpRequest, user: User, *, device: str) -> None:
    services.sign_in_record(
        user=user,
        device=device,
        address=client_address(request),
        client=policies.client_kind(request.META.get("HTTP_USER_AGENT", "")),
        now=timezone.now(),
    )
