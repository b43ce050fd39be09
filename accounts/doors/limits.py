"""How often one visitor may try."""

import hashlib
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from common.web import problems
from common.web.addresses import client_address


def is_within(*, what: str, who: str, times: int, seconds: int) -> bool:
    """Count an attempt; false when `who` has made more than so many of them in this window of so many seconds."""
    key = _key(what, who, seconds)
    count = int(cache.get(key, 0)) + 1
    cache.set(key, count, timeout=seconds)
    return count <= times


def is_used_up(*, what: str, who: str, times: int, seconds: int) -> bool:
    """Tell whether `who` has made so many attempts in this window already; counts none."""
    return int(cache.get(_key(what, who, seconds), 0)) >= times


def is_mail_within(*, what: str, email: str) -> bool:
    """Count a mail that strangers have us send to an address, with an account or without; five in ten minutes are."""
    # Addresses may be longer than keys of the cache.
    return is_within(what=what, who=hashlib.sha256(email.lower().encode()).hexdigest(), times=5, seconds=600)


def code_guesses(user_id: int) -> dict[str, Any]:
    """Return what counts somebody's wrong codes, from wherever: as many as wrong passwords."""
    return {
        "what": "code",
        "who": str(user_id),
        "times": settings.AXES_FAILURE_LIMIT,
        "seconds": int(settings.AXES_COOLOFF_TIME.total_seconds()),
    }


def sign_in_guesses(request: HttpRequest) -> dict[str, Any]:
    """Return what counts a network's failures: one password tried at many accounts is not seen by each account's."""
    return {
        "what": "sign-in",
        "who": client_address(request),
        "times": settings.SIGN_IN_FAILURES_PER_ADDRESS,
        "seconds": 900,
    }


def _key(what: str, who: str, seconds: int) -> str:
    return f"attempts:{what}:{who}:{int(time.time() // seconds)}"


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: object = None
) -> HttpResponse:
    """Answer somebody who guessed too often (called by django-axes)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return too_many(
        request,
        sentence=f"Too many attempts to sign in with this e-mail. Wait {minutes} minutes, then try again, "
        "or set a new password.",
        seconds=minutes * 60,
    )


def too_many(request: HttpRequest, *, sentence: str, seconds: int) -> HttpResponse:
    """Answer 429: a page for people, problem+json below /api/."""
    response: HttpResponse
    if request.path.startswith("/api/"):
        body = problems.problem(status=429, code="too_many_attempts", detail=sentence)
        response = JsonResponse(body, status=429, content_type="application/problem+json")
    else:
        response = render(request, "accounts/too_many.html", {"message": sentence, "status": 429}, status=429)
    response["Retry-After"] = str(seconds)
    return response
