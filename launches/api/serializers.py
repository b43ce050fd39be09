"""What comes in and what goes out."""

from typing import Any

from rest_framework import serializers

from common.dates import Precision
from common.money import round_money
from launches.enums import LaunchStatus
from launches.models import Launch, LaunchHistory

PRECISIONS = [item.value for item in Precision]


class Plain(serializers.Serializer[Any]):
    """A serializer that only describes; the dictionaries below are built by functions."""


class LaunchFilters(Plain):
    status = serializers.ChoiceField(choices=LaunchStatus.choices, required=False)


class DelayInput(Plain):
    departure_at = serializers.DateTimeField(help_text="later than the present one, with a zone: 2027-03-14T15:30:00Z")
    departure_precision = serializers.ChoiceField(choices=PRECISIONS, help_text="how exactly departure_at is known")
    reason = serializers.CharField(max_length=300, help_text="passengers read it")


class AbortInput(Plain):
    reason = serializers.CharField(max_length=300, help_text="passengers read it")


class FlightInput(Plain):
    outcome = serializers.ChoiceField(choices=["launched", "failed"])
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="of a failure")


class OwnLaunchOutput(Plain):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    mission_name = serializers.CharField()
    status = serializers.ChoiceField(choices=LaunchStatus.choices)
    reason = serializers.CharField(help_text="of the latest delay, abort or failure")
    rocket = serializers.CharField()
    spaceport = serializers.CharField()
    time_zone = serializers.CharField()
    destination = serializers.CharField()
    departure_at = serializers.DateTimeField(help_text="UTC; a placeholder beyond `departure_precision`")
    departure_precision = serializers.ChoiceField(choices=PRECISIONS)
    departure_text = serializers.CharField(help_text="as exactly as is honest, at the spaceport")
    price_amount = serializers.DecimalField(max_digits=14, decimal_places=3, coerce_to_string=True)
    price_currency = serializers.CharField()
    seats_on_sale = serializers.IntegerField()
    version = serializers.IntegerField(help_text="grows with every change")


class OwnLaunchListOutput(Plain):
    results = OwnLaunchOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class ChangeOutput(Plain):
    changed_at = serializers.DateTimeField()
    field = serializers.CharField()
    old_value = serializers.CharField()
    new_value = serializers.CharField()
    reason = serializers.CharField()
    origin = serializers.CharField()


class OwnLaunchDetailOutput(OwnLaunchOutput):
    description = serializers.CharField()
    history = ChangeOutput(many=True)


def launch_body(launch: Launch) -> dict[str, Any]:
    """Say a launch to its supplier."""
    return {
        "id": launch.pk,
        "slug": launch.slug,
        "title": launch.title,
        "mission_name": launch.mission_name,
        "status": launch.status,
        "reason": launch.reason,
        "rocket": launch.rocket.name,
        "spaceport": launch.spaceport.name,
        "time_zone": launch.spaceport.time_zone,
        "destination": launch.destination.name,
        "departure_at": launch.departure_at,
        "departure_precision": launch.departure_precision,
        "departure_text": launch.departure_text,
        "price_amount": str(round_money(launch.price_amount, launch.price_currency)),
        "price_currency": launch.price_currency,
        "seats_on_sale": launch.seats_on_sale,
        "version": launch.version,
    }


def change_body(change: LaunchHistory) -> dict[str, Any]:
    """Say a change."""
    return {
        "changed_at": change.changed_at,
        "field": change.field,
        "old_value": change.old_value,
        "new_value": change.new_value,
        "reason": change.reason,
        "origin": change.origin,
    }
