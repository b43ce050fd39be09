"""Decorators for views: who may enter, and how expected failures are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template import loader
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, retarget

from common.errors import Busy, DomainError, Forbidden, Kind
from common.web import problems
from portals.shared.htmx import is_htmx, redirect_page

_WORDS = {"it": "IT"}  # a role's name in a sentence, where it is not its code

View = Callable[..., HttpResponse]

SIGN_IN = "accounts:sign-in"
PORTAL_WORDS = {
    "customer": "This page is for customers. Sign in with a customer account to use it.",
    "supplier": "This page is for suppliers. Sign in with a supplier's account to use it.",
    "employee": "This page is for employees of Astro Bookings.",
}


def customer_required(view: View) -> View:
    """Let customers in; send strangers to the sign-in page, everybody else to the 403 page."""
    return _kind_required(view, kind="customer")


def supplier_required(view: View) -> View:
    """Let supplier members in; send strangers to the sign-in page, everybody else to the 403 page."""
    return _kind_required(view, kind="supplier")


def employee_required(*roles: str) -> Callable[[View], View]:
    """Let employees in who have one of the roles (any role when none is given); an admin has them all."""

    def decorate(view: View) -> View:
        return _kind_required(view, kind="employee", roles=roles)

    return decorate


def _kind_required(view: View, *, kind: str, roles: tuple[str, ...] = ()) -> View:
    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return sign_in_first(request)
        if user.kind != kind:
            return forbidden(request, message=PORTAL_WORDS[kind])
        if roles and user.employee_role not in (*roles, "admin"):
            told = " and ".join(_WORDS.get(role, role) for role in roles)
            return forbidden(request, message=f"Your role does not open this page. It is for {told}.")
        response = view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"  # these pages are one person's
        return response

    return entered


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page; `next` is the page itself, or the page a form stood on."""
    sign_in = reverse(SIGN_IN)
    if is_htmx(request):
        return HttpResponseClientRedirect(redirect_to_login(_page_of(request), sign_in).url)
    here = request.get_full_path() if request.method in ("GET", "HEAD") else _page_of(request)
    return redirect_to_login(here, sign_in)


def forbidden(request: HttpRequest, *, message: str) -> HttpResponse:
    """Answer with the 403 page."""
    return problems.answer(request, Forbidden(message))


def translate_domain_errors(back_to: str | None = None) -> Callable[[View], View]:
    """
    Tell a view's expected failures to the person.

    A page that cannot be shown (GET, or not found, or forbidden) becomes its problem page. A refused change becomes a
    message on the page it was sent from, or on the named URL `back_to` (resolved with the view's own arguments).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except DomainError as error:
                return _tell(request, error, back_to=resolve_url(back_to, *args, **kwargs) if back_to else "")

        return told

    return decorate


def _tell(request: HttpRequest, error: DomainError, *, back_to: str) -> HttpResponse:
    if error.kind is Kind.UNAUTHENTICATED:
        return sign_in_first(request)
    if is_htmx(request):
        values = {"messages": [{"message": sentence, "level_tag": "error"} for sentence in error_sentences(error)]}
        html = loader.render_to_string("shared/components/message_list.html", values, request)
        response = HttpResponse(html, status=problems.STATUS[error.kind])
        response["HX-Reswap"] = "innerHTML show:window:top"
        return retarget(response, "#messages")
    if request.method in ("GET", "HEAD") or error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
        return problems.answer(request, error)
    errors_to_messages(request, error)
    return redirect_page(request, back_to or _page_of(request))


def errors_to_messages(request: HttpRequest, error: DomainError) -> None:
    """Queue the sentences of a failure for the next page."""
    for sentence in error_sentences(error):
        messages.error(request, sentence)


def error_sentences(error: DomainError) -> list[str]:
    """Return the failure's own sentence and those of its fields, each once."""
    return list(dict.fromkeys([error.message, *error.fields.values()]))


def errors_to_form(form: Any, error: DomainError) -> None:
    """Put a failure onto a bound form: each field's sentence at its field, the rest on top."""
    placed = False
    for name, sentence in error.fields.items():
        form.add_error(name if name in form.fields else None, sentence)
        placed = True
    if not placed:
        form.add_error(None, error.message)


def refused(form: Any, error: DomainError) -> int:
    """
    Put a refused change onto the bound form it came from, so that what was typed stays; return the answer's status.

    Raises: the failure itself, where the form is not the actor's to see any more.
    """
    if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.UNAUTHENTICATED):
        raise error
    errors_to_form(form, error)
    return problems.STATUS[error.kind]


@contextmanager
def lock_waits() -> Iterator[None]:
    """Say a lock that was waited for too long, wherever in a service, as Busy."""
    try:
        yield
    except OperationalError as error:
        raise Busy from error


def _page_of(request: HttpRequest) -> str:
    """The page a form or fragment was sent from, if it is ours; else the start page."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return "/"
