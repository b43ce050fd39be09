"""The log: one delivery with its attempts, and sending again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from notifications.webhooks import selectors, services, tasks
from portals.shared import doors, htmx
from portals.shared.webhooks.forms import ReplayForm
from portals.shared.webhooks.frames import Show, address, frame

ACTIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "replay": (services.delivery_replay, "It is sent again as soon as its turn comes."),
    "skip": (services.delivery_skip, "It is skipped. Those behind it go on."),
}


@require_safe
def delivery_detail(request: HttpRequest, show: Show, endpoint_id: UUID, delivery_id: int) -> HttpResponse:
    """Show what is or was sent, and every attempt."""
    user: Any = request.user
    view = selectors.endpoint_get(actor=user, endpoint_id=endpoint_id)
    delivery, attempts = selectors.delivery_get(actor=user, endpoint_id=endpoint_id, delivery_id=delivery_id)
    context = {
        **frame(request, endpoint_id),
        "endpoint": view.endpoint,
        "delivery": delivery,
        "attempts": attempts,
        "body": selectors.body_shown(delivery),
        "replay_url": address(request, "delivery-act", endpoint_id, delivery_id, "replay"),
        "skip_url": address(request, "delivery-act", endpoint_id, delivery_id, "skip"),
    }
    return show("shared/webhooks/delivery.html", context)


@require_POST
def delivery_act(request: HttpRequest, show: Show, endpoint_id: UUID, delivery_id: int, action: str) -> HttpResponse:
    """Replay or skip one."""
    user: Any = request.user
    if action not in ACTIONS:
        raise Http404
    service, words = ACTIONS[action]
    service(actor=user, endpoint_id=endpoint_id, delivery_id=delivery_id, now=timezone.now())
    tasks.send_soon()
    messages.success(request, words)
    return htmx.redirect_page(request, address(request, "delivery", endpoint_id, delivery_id))


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_replay(request: HttpRequest, show: Show, endpoint_id: UUID) -> HttpResponse:
    """Ask since when, then send again."""
    user: Any = request.user
    view = selectors.endpoint_get(actor=user, endpoint_id=endpoint_id)
    yesterday = timezone.now() - timedelta(days=1)
    form = ReplayForm(
        request.POST if request.method == "POST" else None, initial={"since": yesterday, "which": "failed"}
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            count = services.deliveries_replay(
                actor=user, endpoint_id=endpoint_id, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            status = doors.refused(form, error)
        else:
            tasks.send_soon()
            said = f"{count} deliver{pluralize(count, 'y,ies')} will be sent again, in order." if count else ""
            messages.success(request, said or "There is nothing to send again since then.")
            return htmx.redirect_page(request, address(request, "detail", endpoint_id))
    context = {**frame(request, endpoint_id), "endpoint": view.endpoint, "form": form}
    return show("shared/webhooks/replay.html", context, status=status)
