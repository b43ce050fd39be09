"""Where a visitor wanted to go before signing in; kept while a new account is made and its e-mail confirmed."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

_KEPT = "wanted_page"


def wanted_page(request: HttpRequest) -> str:
    """Return the address in `next`, if that is a page of ours; else ''."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def wanted_page_keep(request: HttpRequest) -> None:
    """Remember `next` in this browser; the link of the confirming mail does not carry it."""
    if wanted := wanted_page(request):
        request.session[_KEPT] = wanted


def wanted_page_kept(request: HttpRequest) -> str:
    """Return what was remembered, or ''."""
    return str(request.session.get(_KEPT, ""))


def wanted_page_forget(request: HttpRequest) -> None:
    """Forget it: the person has signed in."""
    request.session.pop(_KEPT, None)
