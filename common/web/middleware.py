"""Request context, and plain answers when a store is away."""

import logging
import re
from collections.abc import Callable
from time import perf_counter

from csp.constants import HEADER as POLICY
from csp.constants import NONE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common import context
from common.context import Origin
from common.errors import BodyTooLarge, Busy, DomainError
from common.web import problems
from common.web.access import request_tell
from common.web.addresses import client_address

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{8,40}")  # digits alone might be the number of a card


def request_context(get_response: GetResponse) -> GetResponse:
    """
    Give each request an id (the caller's X-Request-ID when well-formed) and an origin; echo the id, log how it ended.

    The context stays until the answer is closed (common.apps), for Django logs 404 and 500 after the last middleware.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else context.new_request_id()
        origin = Origin.API if request.path.startswith("/api/") else Origin.PORTAL
        address = client_address(request)
        context.update(
            request_id=request_id, origin=origin, actor_id=None, actor_email="", address=address, is_awaited=True
        )
        response = get_response(request)
        response["X-Request-ID"] = request_id
        request_tell(request, response, perf_counter() - began)
        return response

    return middleware


class ContentPolicy(CSPMiddleware):
    """
    The policy of the settings for pages; answers that are data may load nothing, and pay for no putting together.

    Nobody on the way keeps data, nor does a browser: most of it is somebody's own.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header."""
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(("application/json", "application/problem+json")):
            response.headers[POLICY] = f"default-src {NONE}; frame-ancestors {NONE}"
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


def admin_policy(get_response: GetResponse) -> GetResponse:
    """
    Give the admin its own content security policy; everything else keeps the strict one.

    Stands inside django-csp's middleware, which writes the header when the answer comes back to it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        return response

    return middleware


def body_limit(get_response: GetResponse) -> GetResponse:
    """
    Answer 413 to a body beyond settings.DATA_UPLOAD_MAX_MEMORY_SIZE (bytes), before any of it is read.

    Django counts the fields of forms alone: files and JSON would be taken whole, also from who is not signed in.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length, most = str(request.META.get("CONTENT_LENGTH") or ""), settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length.isdecimal() and (len(length) > 15 or int(length) > most):
            return problems.answer(request, BodyTooLarge(most_kb=most // 1024))
        return get_response(request)

    return middleware


def actor_context(get_response: GetResponse) -> GetResponse:
    """Tell events and logs who acts; the API's token sign-in does the same for its callers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            if request.user.is_authenticated:
                context.update(actor_id=request.user.pk, actor_email=request.user.get_username())
        except (OperationalError, InterfaceError) as error:
            log.warning("The database did not say who is signed in: %s", error)
            request.user = AnonymousUser()  # the page that says so must not ask again
            return problems.answer(request, Busy())
        return get_response(request)

    return middleware


def stores_away(get_response: GetResponse) -> GetResponse:
    """Answer 503 with a plain page or problem+json when PostgreSQL or a document store is away or a lock is held."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return problems.answer(request, error)
        if isinstance(error, OperationalError | InterfaceError):
            log.warning("The database did not answer: %s", error)
            return problems.answer(request, Busy())
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
