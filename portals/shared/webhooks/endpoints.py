"""Endpoints: list, make, look at, change, pause, rotate, remove."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from notifications.webhooks import selectors, services, tasks
from notifications.webhooks.enums import DeliveryStatus, EndpointState
from notifications.webhooks.services import Made
from portals.shared import doors, htmx
from portals.shared.webhooks.forms import EndpointForm
from portals.shared.webhooks.frames import Show, address, frame, place_to_return_to

PAGE = 25
# By the word in the address: what is done, what is said, and whether something may be due now.
ACTIONS: dict[str, tuple[Callable[..., Any], str, bool]] = {
    "test": (services.endpoint_test, "A test event is on its way. Reload in a moment to see what came of it.", True),
    "pause": (services.endpoint_pause, "The endpoint is paused. What happens meanwhile waits for it.", False),
    "resume": (services.endpoint_resume, "The endpoint is resumed. What waited goes out now, in its order.", True),
    "try-now": (services.endpoint_retry_now, "We try again now. Reload in a moment to see what came of it.", True),
}


@require_safe
def webhook_list(request: HttpRequest, show: Show) -> HttpResponse:
    """List the endpoints, the latest first."""
    user: Any = request.user
    cursor = request.GET.get("cursor", "")
    state = request.GET.get("state", "")
    state = state if state in EndpointState.values else ""
    found = selectors.endpoint_list(actor=user, state=state, cursor=cursor, limit=PAGE)
    context = {
        "rows": found.rows,
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "state": state,
        "states": EndpointState.choices,
    }
    return show("shared/webhooks/list.html", {**frame(request), **context})


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: HttpRequest, show: Show) -> HttpResponse:
    """Make an endpoint, and show its secret on the answer itself: nothing keeps it for another page."""
    user: Any = request.user
    form = EndpointForm(
        request.POST if request.method == "POST" else None, published=selectors.event_type_list(actor=user)
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = services.endpoint_create(actor=user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            status = doors.refused(form, error)
        else:
            return _secret_shown(request, show, made, is_new=True)
    return show("shared/webhooks/form.html", {**frame(request), "form": form}, status=status)


@require_safe
def webhook_detail(request: HttpRequest, show: Show, endpoint_id: UUID) -> HttpResponse:
    """Show an endpoint, how it is doing, and its log."""
    user: Any = request.user
    view = selectors.endpoint_get(actor=user, endpoint_id=endpoint_id)
    status = request.GET.get("status", "")
    status = status if status in DeliveryStatus.values else ""
    cursor = request.GET.get("cursor", "")
    found = selectors.delivery_list(actor=user, endpoint_id=endpoint_id, status=status, cursor=cursor, limit=PAGE)
    context = {
        "view": view,
        "endpoint": view.endpoint,
        "deliveries": [(row, address(request, "delivery", endpoint_id, row.pk)) for row in found.rows],
        "next_cursor": found.next_cursor,
        "is_later_page": bool(cursor),
        "status": status,
        "statuses": DeliveryStatus.choices,
        "here": request.get_full_path(),
    }
    return show("shared/webhooks/detail.html", {**frame(request, endpoint_id), **context})


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_edit(request: HttpRequest, show: Show, endpoint_id: UUID) -> HttpResponse:
    """Change where it is told, and of what."""
    user: Any = request.user
    endpoint = selectors.endpoint_get_own(actor=user, endpoint_id=endpoint_id)
    form = EndpointForm(
        request.POST if request.method == "POST" else None,
        published=selectors.event_type_list(actor=user),
        initial=EndpointForm.initial_of(endpoint),
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.endpoint_change(actor=user, endpoint_id=endpoint_id, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            status = doors.refused(form, error)
        else:
            tasks.send_soon()  # a new address is tried at once
            messages.success(request, "Your changes are saved.")
            return htmx.redirect_page(request, address(request, "detail", endpoint_id))
    context = {**frame(request, endpoint_id), "form": form, "endpoint": endpoint}
    return show("shared/webhooks/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_secret(request: HttpRequest, show: Show, endpoint_id: UUID) -> HttpResponse:
    """Ask, then give it a new secret."""
    user: Any = request.user
    endpoint = selectors.endpoint_get_own(actor=user, endpoint_id=endpoint_id)
    if request.method == "POST":
        made = services.endpoint_rotate_secret(actor=user, endpoint_id=endpoint_id, now=timezone.now())
        return _secret_shown(request, show, made, is_new=False)
    return show("shared/webhooks/rotate.html", {**frame(request, endpoint_id), "endpoint": endpoint})


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_remove(request: HttpRequest, show: Show, endpoint_id: UUID) -> HttpResponse:
    """Ask, then remove it."""
    user: Any = request.user
    endpoint = selectors.endpoint_get_own(actor=user, endpoint_id=endpoint_id)
    if request.method == "POST":
        services.endpoint_remove(actor=user, endpoint_id=endpoint_id, now=timezone.now())
        messages.success(request, f"The endpoint {endpoint.address_shown} is removed.")
        return htmx.redirect_page(request, address(request, "list"))
    view = selectors.endpoint_get(actor=user, endpoint_id=endpoint_id)
    context = {**frame(request, endpoint_id), "endpoint": endpoint, "waiting": view.waiting}
    return show("shared/webhooks/remove.html", context)


@require_POST
def webhook_act(request: HttpRequest, show: Show, endpoint_id: UUID, action: str) -> HttpResponse:
    """Test, pause, resume, or try now."""
    user: Any = request.user
    if action not in ACTIONS:
        raise Http404
    service, words, may_be_due = ACTIONS[action]
    service(actor=user, endpoint_id=endpoint_id, now=timezone.now())
    if may_be_due:
        tasks.send_soon()
    messages.success(request, words)
    return htmx.redirect_page(request, place_to_return_to(request, address(request, "detail", endpoint_id)))


def _secret_shown(request: HttpRequest, show: Show, made: Made, *, is_new: bool) -> HttpResponse:
    context = {**frame(request, made.endpoint.pk), "endpoint": made.endpoint, "secret": made.secret, "is_new": is_new}
    answer = show("shared/webhooks/secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
