"""Failures as answers: RFC 9457 problem+json for the API, a page with a reference for people."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common import context
from common.errors import Busy, DomainError, Kind

log = logging.getLogger(__name__)

STATUS = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.BUSY: 503,
}
TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid input",
    429: "Too many requests",
    500: "Something broke on our side",
    503: "Busy",
}
RETRY_AFTER_S = "3"


def problem(
    *, status: int, code: str, detail: str, fields: dict[str, Any] | None = None, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Build the body of a problem+json answer."""
    body: dict[str, Any] = {
        "type": f"/api/docs/problems/#{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": context.current().request_id,
    }
    if fields:
        body["fields"] = fields
    for name, value in (facts or {}).items():
        body.setdefault(name, value if isinstance(value, int | float | bool | list | None) else str(value))
    return body


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer an expected failure that no door translated: JSON below /api/, a page elsewhere."""
    status = STATUS[error.kind]
    response: HttpResponse
    if request.path.startswith("/api/"):
        body = problem(status=status, code=error.code, detail=error.message, fields=error.fields, facts=error.facts)
        response = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        page = status if status in (400, 403, 404, 503) else 400
        values = {"message": error.message, "request_id": context.current().request_id, "status": status}
        response = HttpResponse(loader.render_to_string(f"{page}.html", values, request), status=status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER_S
    return response


def api_exception_handler(error: Exception, _: dict[str, Any]) -> Response | None:
    """Translate every failure of an API view into problem+json."""
    set_rollback()
    headers: dict[str, str] = {}
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("The database did not answer: %s", error)
        error = Busy()
    if isinstance(error, Http404):
        error = drf.NotFound()
    elif isinstance(error, RecursionError):  # only what was sent can be nested so deeply, read or written down
        error = drf.ParseError("This JSON is nested too deeply.")
    elif isinstance(error, PermissionDenied):
        error = drf.PermissionDenied()
    if isinstance(error, DomainError):
        status = STATUS[error.kind]
        body = problem(status=status, code=error.code, detail=error.message, fields=error.fields, facts=error.facts)
        if status == 503:
            headers["Retry-After"] = RETRY_AFTER_S
    elif isinstance(error, drf.APIException):
        status, body, headers = _from_rest_framework(error)
    else:
        log.error("API call failed", exc_info=error)
        status = 500
        body = problem(
            status=500,
            code="server_error",
            detail="Something broke on our side. We have been told; nothing is half done.",
        )
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def _from_rest_framework(error: drf.APIException) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None) is not None:
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    if isinstance(error, drf.ValidationError):
        fields = _flat(error.get_full_details())
        return (
            422,
            problem(status=422, code="invalid_input", detail="Some fields need another look.", fields=fields),
            {},
        )
    code = str(error.get_codes()) if isinstance(error.get_codes(), str) else error.default_code
    body = problem(status=error.status_code, code=code, detail=str(error.detail))
    return error.status_code, body, headers


def _flat(details: Any, prefix: str = "") -> dict[str, str]:
    """Flatten nested serializer errors to "passengers.0.email" -> sentence."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        return {prefix or "body": str(details["message"])}
    found: dict[str, str] = {}
    pairs = details.items() if isinstance(details, dict) else enumerate(details)
    for key, value in pairs:
        name = str(key)
        if name == "non_field_errors" or (isinstance(details, list) and _is_message(value)):
            name = prefix or "body"
        elif prefix:
            name = f"{prefix}.{name}"
        found.update({k: v for k, v in _flat(value, name).items() if k not in found})
    return found


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"message", "code"}


def api_not_found(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer an address below /api/ that does not exist."""
    body = problem(status=404, code="not_found", detail="There is no such address in this API; see /api/docs/.")
    return JsonResponse(body, status=404, content_type="application/problem+json")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without its token: mostly a page left open across a sign-in."""
    values = {
        "message": "This page was open for too long or in another sign-in. Go back, reload the page and send it again; "
        "nothing was changed.",
        "request_id": context.current().request_id,
        "status": 403,
    }
    return HttpResponse(loader.render_to_string("403.html", values, request), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours, without a stack trace; the log has it under the reference."""
    request_id = context.current().request_id
    if request.path.startswith("/api/"):
        body = problem(status=500, code="server_error", detail="Something broke on our side. Nothing is half done.")
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return HttpResponse(loader.render_to_string("500.html", {"request_id": request_id}), status=500)
