"""What comes in and what goes out."""

import json
from typing import Any

from rest_framework import serializers

from notifications.webhooks import event_types
from notifications.webhooks.enums import DeliveryStatus, EndpointState, EndpointStatus, PauseCause
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery
from notifications.webhooks.selectors import EndpointView
from notifications.webhooks.services import WHICH


class Plain(serializers.Serializer[Any]):
    """A serializer that only describes; the dictionaries below are built by functions."""


class EndpointFilters(Plain):
    state = serializers.ChoiceField(choices=EndpointState.choices, required=False)


class EndpointInput(Plain):
    url = serializers.CharField(max_length=500, help_text="https, port 443 or 8443, a public address")
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=100, help_text="names from the list of events"
    )
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class EndpointChangeInput(Plain):
    url = serializers.CharField(max_length=500, required=False)
    event_types = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100, required=False)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)


class EndpointOutput(Plain):
    id = serializers.UUIDField()
    supplier_id = serializers.IntegerField(allow_null=True, help_text="null: the platform's, for an integrator")
    url = serializers.CharField(help_text="whole for whose it is; without its query for others")
    description = serializers.CharField()
    event_types = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField(help_text=f"{EndpointStatus.ACTIVE} or {EndpointStatus.PAUSED}")
    pause_cause = serializers.CharField(help_text=f"{', '.join(PauseCause.values)}; '' when it is not paused")
    paused_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField(help_text="deliveries still to be sent")
    failures = serializers.IntegerField(help_text="in a row")
    failing_since = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True, help_text="while it is failing")
    latest_error = serializers.CharField()
    latest_success_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class EndpointListOutput(Plain):
    results = EndpointOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class EndpointMadeOutput(EndpointOutput):
    secret = serializers.CharField(help_text="whsec_...; shown this once")


class SecretOutput(Plain):
    secret = serializers.CharField(help_text="whsec_...; shown this once")
    old_signs_until = serializers.DateTimeField(help_text="until then both sign")


class EventTypeOutput(Plain):
    name = serializers.CharField()
    version = serializers.IntegerField()
    description = serializers.CharField()
    is_money = serializers.BooleanField(help_text="it carries amounts: for a supplier's owner, and IT")


class EventTypeListOutput(Plain):
    results = EventTypeOutput(many=True)


class DeliveryFilters(Plain):
    status = serializers.ChoiceField(choices=DeliveryStatus.choices, required=False)


class DeliveryOutput(Plain):
    id = serializers.IntegerField()
    message_id = serializers.CharField(help_text="the webhook-id header")
    event_type = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    status = serializers.CharField(help_text=", ".join(DeliveryStatus.values))
    is_test = serializers.BooleanField()
    attempts = serializers.IntegerField()
    latest_status_code = serializers.IntegerField(allow_null=True)
    latest_error = serializers.CharField()
    done_at = serializers.DateTimeField(allow_null=True)


class DeliveryListOutput(Plain):
    results = DeliveryOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class AttemptOutput(Plain):
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text="null: under way, or our sender ended over it")
    duration_ms = serializers.IntegerField(allow_null=True)
    status_code = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(help_text="its first 500 bytes")
    error = serializers.CharField()


class DeliveryDetailOutput(DeliveryOutput):
    body = serializers.DictField(help_text="what is sent")
    tries = AttemptOutput(many=True, help_text="the latest first")


class ReplayInput(Plain):
    since = serializers.DateTimeField(help_text="what was made since then")
    which = serializers.ChoiceField(choices=[(name, name) for name in WHICH], required=False, default="failed")


class ReplayOutput(Plain):
    count = serializers.IntegerField(help_text="deliveries that are sent again")


def endpoint_body(view: EndpointView) -> dict[str, Any]:
    """Describe an endpoint; its whole address, which may hold a password, only for whose it is."""
    endpoint = view.endpoint
    return {
        "id": endpoint.pk,
        "supplier_id": endpoint.supplier_id,
        "url": endpoint.url if view.is_own else endpoint.address_shown,
        "description": endpoint.description,
        "event_types": endpoint.event_types,
        "status": endpoint.status,
        "pause_cause": endpoint.pause_cause,
        "paused_at": endpoint.paused_at,
        "waiting": view.waiting,
        "failures": endpoint.failures,
        "failing_since": endpoint.failing_since,
        "next_attempt_at": endpoint.due_at if endpoint.is_failing else None,
        "latest_error": endpoint.latest_error,
        "latest_success_at": endpoint.latest_success_at,
        "created_at": endpoint.created_at,
    }


def delivery_body(delivery: WebhookDelivery) -> dict[str, Any]:
    """Describe a delivery."""
    return {
        "id": delivery.pk,
        "message_id": delivery.message.public_id,
        "event_type": delivery.message.event_type,
        "occurred_at": delivery.message.occurred_at,
        "status": delivery.status,
        "is_test": delivery.is_test,
        "attempts": delivery.attempts,
        "latest_status_code": delivery.latest_status_code,
        "latest_error": delivery.latest_error,
        "done_at": delivery.done_at,
    }


def delivery_detail_body(delivery: WebhookDelivery, attempts: list[WebhookAttempt]) -> dict[str, Any]:
    """Describe a delivery with what is sent and how it went."""
    names = ("started_at", "finished_at", "duration_ms", "status_code", "answer", "error")
    tries = [{name: getattr(one, name) for name in names} for one in attempts]
    return {**delivery_body(delivery), "body": json.loads(delivery.message.body), "tries": tries}


def event_type_body(one: event_types.EventType) -> dict[str, Any]:
    """Describe a published event."""
    return {
        "name": one.name,
        "version": event_types.VERSION,
        "description": one.description,
        "is_money": one.is_money,
    }
