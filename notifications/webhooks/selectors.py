"""Reads: endpoints, what was sent to them and how it went."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common import keyset
from notifications.webhooks import access, errors, event_types
from notifications.webhooks.access import Desk
from notifications.webhooks.enums import DeliveryStatus, EndpointState, EndpointStatus
from notifications.webhooks.event_types import EventType
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    from accounts.models import User

PAGE = 25
_IN_STATE = {
    EndpointState.WELL.value: Q(status=EndpointStatus.ACTIVE, failing_since=None),
    EndpointState.FAILING.value: Q(status=EndpointStatus.ACTIVE, failing_since__isnull=False),
    EndpointState.PAUSED.value: Q(status=EndpointStatus.PAUSED),
}
__all__ = [
    "Desk",
    "EndpointView",
    "body_shown",
    "delivery_get",
    "delivery_list",
    "desk_get",
    "endpoint_find",
    "endpoint_get",
    "endpoint_get_own",
    "endpoint_list",
    "event_type_list",
]


@dataclass(frozen=True, kw_only=True)
class EndpointView:
    """An endpoint as its reader sees it. `is_own`: its address, events and secret are the reader's to change."""

    endpoint: WebhookEndpoint
    waiting: int
    oldest_waiting_at: datetime | None
    is_own: bool


def desk_get(*, actor: "User") -> Desk:
    """Return from where the actor works with endpoints. Raises: WebhooksForbidden."""
    return access.desk_of(actor)


def event_type_list(*, actor: "User") -> list[EventType]:
    """Return the published events that the actor may have sent. Raises: WebhooksForbidden."""
    return event_types.choices(with_money=access.desk_of(actor).may_have_money)


def endpoint_list(*, actor: "User", state: str = "", cursor: str = "", limit: int = PAGE) -> keyset.Page:
    """
    List the endpoints that the actor may see, the latest first, as EndpointView.

    state: only these, a code of EndpointState; '' for all. Raises: WebhooksForbidden.
    """
    desk = access.desk_of(actor)
    rows = desk.endpoints().filter(_IN_STATE[state]) if state else desk.endpoints()
    found = keyset.page(rows=_with_waiting(rows), order=("-created_at", "-id"), cursor=cursor, limit=limit)
    return keyset.Page([_view(row, desk) for row in found.rows], found.next_cursor)


def endpoint_get(*, actor: "User", endpoint_id: UUID) -> EndpointView:
    """Return one of them. Raises: WebhooksForbidden, EndpointNotFound."""
    desk = access.desk_of(actor)
    row = _with_waiting(desk.endpoints()).filter(pk=endpoint_id).first()
    if row is None:
        raise errors.EndpointNotFound
    return _view(row, desk)


def endpoint_get_own(*, actor: "User", endpoint_id: UUID) -> WebhookEndpoint:
    """Return one that is the actor's to change. Raises: WebhooksForbidden, EndpointNotFound, NotTheOwners."""
    desk = access.desk_of(actor)
    endpoint = access.endpoint_of(desk, endpoint_id)
    access.owned_require(desk, endpoint)
    return endpoint


def endpoint_find(*, endpoint_id: UUID) -> WebhookEndpoint | None:
    """Return any endpoint that is not removed, for messages to its owners; None when there is none."""
    return WebhookEndpoint.objects.exclude(status=EndpointStatus.REMOVED).filter(pk=endpoint_id).first()


def delivery_list(
    *, actor: "User", endpoint_id: UUID, status: str = "", cursor: str = "", limit: int = PAGE
) -> keyset.Page:
    """
    List what was or is to be sent to an endpoint, with its messages, the latest first.

    status: only these; '' for all. Raises: WebhooksForbidden, EndpointNotFound.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id)
    rows = WebhookDelivery.objects.filter(endpoint=endpoint).select_related("message")
    return keyset.page(rows=rows.filter(status=status) if status else rows, order=("-id",), cursor=cursor, limit=limit)


def delivery_get(*, actor: "User", endpoint_id: UUID, delivery_id: int) -> tuple[WebhookDelivery, list[WebhookAttempt]]:
    """
    Return a delivery with its message, and its attempts, the latest first.

    Raises: WebhooksForbidden, EndpointNotFound, DeliveryNotFound.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id)
    found = WebhookDelivery.objects.filter(endpoint=endpoint, pk=delivery_id).select_related("message").first()
    if found is None:
        raise errors.DeliveryNotFound
    return found, list(found.tries.order_by("-id")[:100])


def body_shown(delivery: WebhookDelivery) -> str:
    """Return what is sent, in a form that people read; the receiver gets the same without the white space."""
    return json.dumps(json.loads(delivery.message.body), indent=2, ensure_ascii=False)


def _with_waiting(rows: QuerySet[WebhookEndpoint]) -> QuerySet[WebhookEndpoint]:
    waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status=DeliveryStatus.WAITING).order_by()
    counted = waiting.values("endpoint").annotate(n=Count("pk")).values("n")
    oldest = waiting.order_by("id").values("created_at")[:1]
    return rows.annotate(
        waiting=Coalesce(Subquery(counted, output_field=IntegerField()), 0), oldest_waiting_at=Subquery(oldest)
    )


def _view(row: "WebhookEndpoint", desk: Desk) -> EndpointView:
    waiting: int = row.waiting  # type: ignore[attr-defined]  # annotated
    oldest: datetime | None = row.oldest_waiting_at  # type: ignore[attr-defined]  # annotated
    return EndpointView(endpoint=row, waiting=waiting, oldest_waiting_at=oldest, is_own=desk.owns(row))
