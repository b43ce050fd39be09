"""Answer a page or its fragment."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from common.web.problems import RETRY_AFTER_S


class SeeOther(HttpResponseRedirect):
    """Tells the browser to fetch another page with GET, whatever the form's method was."""

    status_code = 303


def is_htmx(request: HttpRequest) -> bool:
    """Tell whether htmx asked for a fragment; a boosted link or a history restore wants the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> TemplateResponse:
    """
    Render the template, or only its partial `fragment` when htmx asks.

    Use status 422 for a form with errors: the base page says that it swaps like any other answer.
    """
    name = f"{template}#{fragment}" if fragment and is_htmx(request) else template
    response = TemplateResponse(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request"])
    if status == 503:
        response["Retry-After"] = RETRY_AFTER_S
    return response


def redirect_page(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to another page: 303 for a browser's form, HX-Redirect for htmx. Takes what `redirect` takes."""
    url = resolve_url(to, *args, **kwargs)
    if is_htmx(request):
        return HttpResponseClientRedirect(url)
    return SeeOther(url)
