"""What owners do to endpoints. A secret is written to its store before the row that names it, outside transactions."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from common.errors import InvalidInput
from documents.repositories import WebhookSecrets
from notifications import events
from notifications.webhooks import access, errors, event_types, policies, signing, targets
from notifications.webhooks.access import Desk
from notifications.webhooks.enums import DeliveryStatus, EndpointStatus, PauseCause
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.services.telling import publish

if TYPE_CHECKING:
    from accounts.models import User

DESCRIPTION_MAX = 200
_LOOK_UP_S = 5.0  # how long a person waits for the name in a URL to be looked up
_LIMIT_LOCK = 7_301  # the first key of the advisory locks taken while a supplier's endpoints are counted


@dataclass(frozen=True, kw_only=True)
class Made:
    """An endpoint with its secret in clear, for the only time that it is shown."""

    endpoint: WebhookEndpoint
    secret: str


def endpoint_create(*, actor: "User", url: str, event_types: Collection[str], description: str, now: datetime) -> Made:
    """
    Have a receiver told of events from now on; the actor's supplier's, or the platform's when the actor is IT.

    Raises: WebhooksForbidden, InvalidInput (url, event_types, description), MoneyIsTheOwners, TooManyEndpoints,
        DocumentStoreUnavailable.
    """
    desk = access.desk_of(actor)
    wanted = _checked(desk, url=url, event_types=event_types, description=description)
    endpoint_id, secret_id, secret = uuid.uuid4(), uuid.uuid4(), signing.new_secret()
    WebhookSecrets.add(secret_id=secret_id, endpoint_id=endpoint_id, secret=secret, now=now)
    with transaction.atomic():
        _room_require(desk)
        endpoint = WebhookEndpoint.objects.create(
            id=endpoint_id,
            supplier_id=desk.supplier_id,
            secret_id=secret_id,
            due_at=now,
            created_at=now,
            **wanted,
        )
        publish(events.WebhookCreated, endpoint, actor_id=actor.pk, event_types=tuple(endpoint.event_types))
    return Made(endpoint=endpoint, secret=secret)


def endpoint_change(
    *,
    actor: "User",
    endpoint_id: UUID,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    description: str | None = None,
    now: datetime,
) -> WebhookEndpoint:
    """
    Change where it is told, of what, and what people call it; None leaves as it is. A new address is tried at once.

    Raises: WebhooksForbidden, EndpointNotFound, NotTheOwners, InvalidInput, MoneyIsTheOwners.
    """
    desk = access.desk_of(actor)
    seen = access.endpoint_of(desk, endpoint_id)
    access.owned_require(desk, seen)
    wanted = _checked(
        desk,
        url=seen.url if url is None else url,
        event_types=seen.event_types if event_types is None else event_types,
        description=seen.description if description is None else description,
    )
    with transaction.atomic():
        endpoint = access.endpoint_of(desk, endpoint_id, is_locked=True)
        old_address, old_types = endpoint.address_shown, tuple(endpoint.event_types)
        changed = [name for name, value in wanted.items() if getattr(endpoint, name) != value]
        if not changed:
            return endpoint
        for name in changed:
            setattr(endpoint, name, wanted[name])
        if "url" in changed:
            _begin_anew(endpoint, now)
        endpoint.save()
        publish(
            events.WebhookChanged,
            endpoint,
            actor_id=actor.pk,
            fields=tuple(name for name in changed if name != "has_money_events"),
            old_address=old_address,
            event_types=tuple(endpoint.event_types),
            old_event_types=old_types,
        )
    return endpoint


@transaction.atomic
def endpoint_pause(*, actor: "User", endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """
    Keep what happens from being sent; it waits, for WEBHOOK_KEEP_DAYS at most.

    Raises: WebhooksForbidden, EndpointNotFound, MoveNotAllowed.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    if not endpoint.is_active:
        raise errors.MoveNotAllowed(status="paused", wanted="paused")
    endpoint.status, endpoint.pause_cause, endpoint.paused_at = EndpointStatus.PAUSED, PauseCause.PERSON, now
    endpoint.save(update_fields=["status", "pause_cause", "paused_at"])
    publish(events.WebhookPaused, endpoint, actor_id=actor.pk, cause=str(PauseCause.PERSON), error="")
    return endpoint


@transaction.atomic
def endpoint_resume(*, actor: "User", endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """
    Send again, beginning with the oldest that waited, with another 72 hours.

    The caller wakes the worker (tasks.send_soon). Raises: WebhooksForbidden, EndpointNotFound, MoveNotAllowed.
    """
    endpoint = access.endpoint_of(access.desk_of(actor), endpoint_id, is_locked=True)
    if not endpoint.is_paused:
        raise errors.MoveNotAllowed(status="active", wanted="resumed")
    old_cause = endpoint.pause_cause
    endpoint.status, endpoint.pause_cause, endpoint.paused_at = EndpointStatus.ACTIVE, "", None
    _begin_anew(endpoint, now)
    endpoint.save()
    publish(events.WebhookResumed, endpoint, actor_id=actor.pk, old_cause=old_cause)
    return endpoint


def endpoint_remove(*, actor: "User", endpoint_id: UUID, now: datetime) -> None:
    """
    Tell the receiver nothing any more, skip what waited, and forget its secrets; its log goes after a while.

    Raises: WebhooksForbidden, EndpointNotFound, NotTheOwners. What the store of secrets cannot forget now, the daily
        job makes it forget.
    """
    desk = access.desk_of(actor)
    with transaction.atomic():
        endpoint = access.endpoint_of(desk, endpoint_id, is_locked=True)
        access.owned_require(desk, endpoint)
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=DeliveryStatus.WAITING)
        skipped = waiting.update(status=DeliveryStatus.SKIPPED, done_at=now, latest_error="The endpoint was removed.")
        endpoint.status = EndpointStatus.REMOVED
        endpoint.save(update_fields=["status"])
        publish(events.WebhookRemoved, endpoint, actor_id=actor.pk, skipped=skipped)


def endpoint_rotate_secret(*, actor: "User", endpoint_id: UUID, now: datetime) -> Made:
    """
    Give it a new secret; for 24 hours the old one signs too, so that the receiver can change over in between.

    Raises: WebhooksForbidden, EndpointNotFound, NotTheOwners, ChangedMeanwhile, DocumentStoreUnavailable.
    """
    desk = access.desk_of(actor)
    seen = access.endpoint_of(desk, endpoint_id)
    access.owned_require(desk, seen)
    secret_id, secret = uuid.uuid4(), signing.new_secret()
    WebhookSecrets.add(secret_id=secret_id, endpoint_id=endpoint_id, secret=secret, now=now)
    with transaction.atomic():
        endpoint = access.endpoint_of(desk, endpoint_id, is_locked=True)
        if endpoint.secret_id != seen.secret_id:
            raise errors.ChangedMeanwhile
        endpoint.previous_secret_id, endpoint.secret_id = endpoint.secret_id, secret_id
        endpoint.previous_secret_until = now + policies.SECRET_OVERLAP
        endpoint.save(update_fields=["secret_id", "previous_secret_id", "previous_secret_until"])
        publish(events.WebhookSecretRotated, endpoint, actor_id=actor.pk, old_until=endpoint.previous_secret_until)
    return Made(endpoint=endpoint, secret=secret)


def _begin_anew(endpoint: WebhookEndpoint, now: datetime) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.latest_error, endpoint.due_at = 0, None, "", now


def _checked(desk: Desk, *, url: str, event_types: Collection[str], description: str) -> dict[str, Any]:
    """Check what was asked for, the name in the URL looked up; needs no transaction. Raises: as endpoint_create."""
    fields: dict[str, str] = {}
    names = _names_checked(event_types, fields)
    description = " ".join(description.split())
    if len(description) > DESCRIPTION_MAX or "\x00" in description:
        fields["description"] = f"Describe it in at most {DESCRIPTION_MAX} plain characters."
    url = url.strip()
    try:
        target = targets.target_of(url)
        targets.addresses_of(target, within_s=_LOOK_UP_S)
    except InvalidInput as error:
        fields.update(error.fields)
    except errors.TargetRefused as error:
        fields["url"] = error.message
    except OSError:  # an unknown name, or no answer about it in time
        fields["url"] = "We cannot find the host of this address. Check its spelling, or try again in a moment."
    if fields:
        raise InvalidInput(fields=fields)
    money = _money(names)
    if money and not desk.may_have_money:
        raise errors.MoneyIsTheOwners(names=", ".join(money))
    return {"url": url, "event_types": names, "description": description, "has_money_events": bool(money)}


def _names_checked(names: Collection[str], fields: dict[str, str]) -> list[str]:
    known = {one.name for one in event_types.ALL}
    if not names:
        fields["event_types"] = "Choose at least one event."
    elif unknown := event_types.unknown(names):
        fields["event_types"] = f"There is no event named {', '.join(unknown)[:200]}. Choose from the list."
    return [one.name for one in event_types.ALL if one.name in set(names) & known]


def _money(names: Sequence[str]) -> list[str]:
    return event_types.money(names)


def _room_require(desk: Desk) -> None:
    """Let no supplier have more endpoints than it may; two at once wait for each other."""
    if desk.supplier_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LIMIT_LOCK, desk.supplier_id % 2**31])
    own = WebhookEndpoint.objects.filter(supplier_id=desk.supplier_id).exclude(status=EndpointStatus.REMOVED)
    if own.count() >= settings.WEBHOOK_ENDPOINTS_MAX:
        raise errors.TooManyEndpoints(limit=settings.WEBHOOK_ENDPOINTS_MAX)
