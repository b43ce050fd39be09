"""What people do to deliveries: test, replay, skip, try now. The callers wake the worker (tasks.send_soon)."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from common.errors import InvalidInput
from notifications import events
from notifications.webhooks import access, errors, event_types
from notifications.webhooks.enums import DeliveryStatus
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from notifications.webhooks.services.telling import publish

if TYPE_CHECKING:
    from accounts.models import User

S = DeliveryStatus
# What may be replayed at once: what was not taken, or everything, for receivers that lost what they had taken.
WHICH = {"failed": (S.FAILED,), "all": (S.FAILED, S.SKIPPED, S.DELIVERED)}


@transaction.atomic
def endpoint_test(*, actor: "User", endpoint_id: UUID, now: datetime) -> WebhookDelivery:
    """
    Have a test event sent, once, before everything else; also to a paused endpoint, to see whether it is well again.

    Raises: WebhooksForbidden, EndpointNotFound, MoveNotAllowed (one is on its way already).
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    if WebhookDelivery.objects.filter(endpoint=endpoint, is_test=True, status=S.WAITING).exists():
        raise errors.MoveNotAllowed("A test event is on its way already. See in a moment what came of it.")
    data = {"message": "This is a test event from Astro Bookings.", "endpoint_id": str(endpoint.pk)}
    message = message_make(event_type=event_types.TEST, occurred_at=now, data=data, event_id=None, now=now)
    message.save(force_insert=True)
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, message=message, is_test=True, created_at=now)
    publish(events.WebhookTested, endpoint, actor_id=actor.pk, delivery_id=delivery.pk)
    return delivery


@transaction.atomic
def delivery_replay(*, actor: "User", endpoint_id: UUID, delivery_id: int, now: datetime) -> WebhookDelivery:
    """
    Send one again, under the same id, as soon as its turn comes: before all that is younger.

    Raises: WebhooksForbidden, EndpointNotFound, DeliveryNotFound, MoveNotAllowed.
    """
    endpoint, delivery = _locked(actor, endpoint_id, delivery_id)
    if not delivery.is_replayable:
        status = "a test" if delivery.is_test else "still waiting"
        raise errors.MoveNotAllowed(status=status, wanted="replayed")
    delivery.status, delivery.done_at = S.WAITING, None
    delivery.save(update_fields=["status", "done_at"])
    _due_now(endpoint, now)
    publish(events.WebhookReplayed, endpoint, actor_id=actor.pk, count=1, delivery_id=delivery.pk)
    return delivery


@transaction.atomic
def deliveries_replay(
    *, actor: "User", endpoint_id: UUID, since: datetime, which: str = "failed", now: datetime
) -> int:
    """
    Send again what was made since an instant, in its order; return how many.

    which: "failed" or "all". Raises: WebhooksForbidden, EndpointNotFound, InvalidInput.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    if which not in WHICH:
        raise InvalidInput(fields={"which": f"Choose one of: {', '.join(WHICH)}."})
    if since > now:
        raise InvalidInput(fields={"since": "Give an instant that lies in the past."})
    rows = WebhookDelivery.objects.filter(
        endpoint=endpoint, is_test=False, status__in=WHICH[which], created_at__gte=since
    )
    count = rows.update(status=S.WAITING, done_at=None)
    if count:
        _due_now(endpoint, now)
        publish(events.WebhookReplayed, endpoint, actor_id=actor.pk, count=count, since=since, which=which)
    return count


@transaction.atomic
def delivery_skip(*, actor: "User", endpoint_id: UUID, delivery_id: int, now: datetime) -> WebhookDelivery:
    """
    Leave a waiting one out, so that those behind it go on; it can be replayed later.

    Raises: WebhooksForbidden, EndpointNotFound, DeliveryNotFound, MoveNotAllowed.
    """
    endpoint, delivery = _locked(actor, endpoint_id, delivery_id)
    if not delivery.is_waiting:
        raise errors.MoveNotAllowed(status=delivery.get_status_display().lower(), wanted="skipped")
    delivery.status, delivery.done_at = S.SKIPPED, now
    delivery.save(update_fields=["status", "done_at"])
    _due_now(endpoint, now)
    publish(events.WebhookDeliverySkipped, endpoint, actor_id=actor.pk, delivery_id=delivery.pk)
    return delivery


@transaction.atomic
def endpoint_retry_now(*, actor: "User", endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """
    Try a failing endpoint at once, without waiting for its pause to end; its 72 hours go on.

    Raises: WebhooksForbidden, EndpointNotFound, MoveNotAllowed.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    if not endpoint.is_active:
        raise errors.MoveNotAllowed("This endpoint is paused. Resume it: then it is tried at once.")
    _due_now(endpoint, now)
    publish(events.WebhookRetriedNow, endpoint, actor_id=actor.pk)
    return endpoint


def message_make(
    *, event_type: str, occurred_at: datetime, data: Mapping[str, object], event_id: int | None, now: datetime
) -> WebhookMessage:
    """Make a message with its body, unsaved; the body is made once, so that every attempt signs the same bytes."""
    body = {
        "type": event_type,
        "version": event_types.VERSION,
        "timestamp": occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": data,
    }
    return WebhookMessage(
        id=uuid.uuid4(),
        event_id=event_id,
        event_type=event_type,
        occurred_at=occurred_at,
        body=json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        created_at=now,
    )


def _locked(actor: "User", endpoint_id: UUID, delivery_id: int) -> tuple[WebhookEndpoint, WebhookDelivery]:
    """Lock the endpoint, then its delivery: the order of the sender too."""
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("message")
    delivery = rows.filter(endpoint=endpoint, pk=delivery_id).first()
    if delivery is None:
        raise errors.DeliveryNotFound
    return endpoint, delivery


def _due_now(endpoint: WebhookEndpoint, now: datetime) -> None:
    endpoint.due_at = now
    endpoint.save(update_fields=["due_at"])
