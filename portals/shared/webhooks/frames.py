"""What all pages share: their addresses, and the frame they are shown in."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

Show = Callable[..., HttpResponse]


def address(request: HttpRequest, name: str, *args: Any) -> str:
    """Return a page's address in the portal that the request came through."""
    return reverse(f"{portal(request)}:webhook-{name}", args=args)


def portal(request: HttpRequest) -> str:
    """Return the portal's namespace."""
    return request.resolver_match.namespace if request.resolver_match else ""


def frame(request: HttpRequest, endpoint_id: UUID | None = None) -> dict[str, Any]:
    """Return the values that every template uses: the portal's base, and where links lead."""
    links = {name: address(request, name) for name in ("list", "new")}
    if endpoint_id is not None:
        names = ("detail", "edit", "secret", "remove", "replay")
        links |= {name: address(request, name, endpoint_id) for name in names}
        links |= {name: address(request, "act", endpoint_id, name) for name in ("test", "pause", "resume", "try-now")}
        links["try_now"] = links.pop("try-now")
    return {"base": f"{portal(request)}/base.html", "portal": portal(request), "links": links}


def place_to_return_to(request: HttpRequest, otherwise: str) -> str:
    """Return the page a button stood on, if it is ours."""
    here = request.POST.get("here", "")
    is_ours = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    return here if is_ours else otherwise
