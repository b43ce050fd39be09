"""From our events to messages: who hears of what, once, in order, and what it says."""

import dataclasses
import inspect
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from types import UnionType
from typing import Any, get_args, get_type_hints

import pytest
from django.core.cache import cache
from django.db import transaction
from django_q.models import OrmQ

from common import outbox, outbox_delivery
from launches.events import LaunchConfirmed, LaunchDelayed
from notifications.webhooks import event_types, handlers
from notifications.webhooks.models import WebhookDelivery, WebhookMessage
from tests.factories import LaunchFactory, MemberFactory, RocketFactory, make_booking
from tests.notifications.builders import event
from tests.notifications.webhooks.builders import NOW, delayed, deliveries, messages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def launch(owner):
    return LaunchFactory(rocket=RocketFactory(supplier=owner.supplier), mission_name="NS-99")


def heard(*events) -> None:
    handlers.events_deliver(list(events))


def test_an_endpoint_hears_of_its_own_suppliers_launch_and_the_platforms_of_all(endpoint, it, launch):
    own, rivals = endpoint(URL), endpoint(URL, by=MemberFactory().user)
    platforms = endpoint(URL, by=it)

    heard(delayed(launch))

    assert [len(deliveries(one)) for one in (own, rivals, platforms)] == [1, 0, 1]
    assert WebhookMessage.objects.count() == 1


def test_in_one_batch_of_many_suppliers_each_hears_of_its_own(endpoint, launch):
    rival = MemberFactory()
    rivals_launch = LaunchFactory(rocket=RocketFactory(supplier=rival.supplier))
    own, rivals = endpoint(URL), endpoint(URL, by=rival.user)

    heard(delayed(launch, id=1), delayed(rivals_launch, id=2), delayed(launch, id=3))

    assert [row.message.event_id for row in deliveries(own)] == [1, 3]
    assert [row.message.event_id for row in deliveries(rivals)] == [2]


def test_only_chosen_events_arrive(endpoint, launch):
    other = endpoint(URL, event_types=("launch.aborted", "booking.confirmed"))

    heard(delayed(launch))

    assert (deliveries(other), WebhookMessage.objects.count()) == ([], 0)


def test_an_event_that_comes_twice_is_one_delivery_with_the_first_body(endpoint, launch):
    own = endpoint(URL)

    heard(delayed(launch))
    (first,) = messages()
    launch.mission_name = "Renamed"
    launch.save()
    heard(delayed(launch), delayed(launch, id=2))

    assert [row.message.event_id for row in deliveries(own)] == [1, 2]
    assert WebhookMessage.objects.get(event_id=1).body == first.body


def test_what_happened_before_the_endpoint_was_made_is_not_told(endpoint, launch):
    own = endpoint(URL)

    heard(delayed(launch, id=1, at=NOW - timedelta(seconds=1)), delayed(launch, id=2, at=NOW))

    assert [row.message.event_id for row in deliveries(own)] == [2]


def test_what_happens_while_it_is_paused_waits(endpoint, launch, owner):
    from notifications.webhooks import services

    own = endpoint(URL)
    services.endpoint_pause(actor=owner.user, endpoint_id=own.pk, now=NOW)

    heard(delayed(launch))

    assert [row.status for row in deliveries(own)] == ["waiting"]


def test_without_an_endpoint_an_event_costs_one_query(launch, django_assert_num_queries):
    with django_assert_num_queries(1):
        heard(*(delayed(launch, id=number) for number in range(1, 20)))


@pytest.mark.django_db(transaction=True)
def test_published_events_of_many_kinds_arrive_in_their_order_and_wake_the_worker(endpoint, launch):
    cache.clear()
    own = endpoint(URL, event_types=("launch.delayed", "launch.confirmed"))
    facts = {"launch_id": launch.pk, "supplier_id": launch.supplier_id}
    now = datetime.now(UTC)
    slip = {
        "announced_at": now, "slip_days": 31, "old_departure_at": now, "old_departure_precision": "day",
        "departure_at": now, "departure_precision": "day", "reason": "Weather",
    }  # fmt: skip
    for version in range(2, 6):
        kind = LaunchDelayed(**facts, **slip, version=version) if version % 2 else None
        with transaction.atomic():
            outbox.publish(kind or LaunchConfirmed(**facts, version=version))
    OrmQ.objects.all().delete()

    outbox_delivery.deliver(consumer="webhooks")

    told = [row.message.event_type for row in deliveries(own)]
    assert told == ["launch.confirmed", "launch.delayed", "launch.confirmed", "launch.delayed"]
    assert [task.func() for task in OrmQ.objects.all()] == ["notifications.webhooks.tasks.send_due"]


# --- what it says ---------------------------------------------------------------------------------------------------
def said(happened) -> dict[str, Any]:
    heard(happened)
    return json.loads(WebhookMessage.objects.get(event_id=happened.id).body)


def test_a_delay_says_what_people_see_of_the_launch(endpoint, launch):
    endpoint(URL)

    body = said(delayed(launch))

    assert (body["type"], body["version"], body["timestamp"]) == ("launch.delayed", 1, "2026-11-22T12:00:00Z")
    assert body["data"]["launch"] == {
        "id": launch.pk,
        "version": launch.version,
        "slug": launch.slug,
        "url": f"http://testserver/launches/{launch.slug}/",
        "mission_name": "NS-99",
        "title": launch.title,
        "status": "scheduled",
        "supplier": {"id": launch.supplier_id, "trade_name": "Red Rock Rockets"},
        "rocket": launch.rocket.name,
        "destination": {"code": launch.destination.code, "name": launch.destination.name},
        "spaceport": {
            "code": launch.spaceport.code,
            "name": launch.spaceport.name,
            "time_zone": "America/Chicago",
        },
        "departure_at": "2028-03-14T14:30:00Z",
        "departure_precision": "minute",
        "departure_text": launch.departure_text,
        "price_amount": "450000.00",
        "price_currency": "USD",
        "seats_on_sale": 6,
    }
    assert {name: value for name, value in body["data"].items() if name != "launch"} == {
        "reason": "Weather",
        "slip_days": 31,
        "old_departure_at": "2028-03-14T14:30:00Z",
        "old_departure_precision": "minute",
    }


def test_no_message_about_a_booking_names_a_person_or_an_amount(endpoint, owner, launch):
    names = [one.name for one in event_types.ALL if one.name.startswith("booking.")]
    endpoint(URL, event_types=tuple(names))
    booking = make_booking(launch=launch, seats=2, now=datetime(2027, 1, 15, tzinfo=UTC))
    facts = sample_facts(launch, booking)

    for number, name in enumerate(names, start=1):
        source = next(one.source for one in event_types.ALL if one.name == name)
        said(event(source, id=number, at=NOW, **facts[source]))

    bodies = "".join(message.body for message in messages())
    assert WebhookMessage.objects.count() == len(names) == 5
    assert booking.reference in bodies
    private = [booking.customer.email, booking.customer.full_name, "450000", "900000"]
    for passenger in booking.passengers.all():
        private += [passenger.full_name, passenger.email, passenger.phone, str(passenger.birth_date)]
    assert [word for word in private if str(word) in bodies] == []


def test_every_published_event_can_be_told_from_ours_and_carries_money_only_where_it_says_so(it, endpoint, launch):
    endpoint(URL, by=it, event_types=tuple(one.name for one in event_types.ALL))
    booking = make_booking(launch=launch, now=datetime(2027, 1, 15, tzinfo=UTC))
    facts = sample_facts(launch, booking)

    for number, published in enumerate(event_types.ALL, start=1):
        body = said(event(published.source, id=number, **facts[published.source]))
        assert set(body) == {"type", "version", "timestamp", "data"}
        assert body["type"] == published.name
        assert ("payout_amount" in str(body) or "open_amount" in str(body)) == published.is_money


def sample_facts(launch, booking) -> dict[str, dict[str, Any]]:
    """The payload of each of our published events, with values of the types its dataclass asks for."""
    known = {
        "launch_id": launch.pk, "from_launch_id": launch.pk, "to_launch_id": launch.pk,
        "supplier_id": launch.supplier_id, "booking_id": booking.pk, "reference": booking.reference,
        "customer_id": booking.customer_id, "currency": "USD",
    }  # fmt: skip
    plain = {int: 7, str: "text", bool: True, Decimal: "12.50", datetime: "2027-01-15T12:00:00Z"}
    sources = {one.source for one in event_types.ALL}
    found = {}
    for package in ("launches", "bookings", "finance"):
        for _, kind in inspect.getmembers(import_module(f"{package}.events"), dataclasses.is_dataclass):
            if vars(kind).get("name") not in sources:
                continue
            hints = get_type_hints(kind)
            values = {}
            for field in dataclasses.fields(kind):
                hint = hints[field.name]
                hint = get_args(hint)[0] if isinstance(hint, UnionType) else hint
                values[field.name] = known.get(
                    field.name, plain.get(hint, [] if "tuple" in str(hint) else "2027-01-15")
                )
            found[kind.name] = values
    assert set(found) == sources
    return found


def test_the_guide_names_every_published_event_and_every_sample_is_whole(settings):
    guide = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()

    assert [one.name for one in event_types.ALL if f"`{one.name}`" not in guide] == []
    assert WebhookDelivery.objects.count() == 0
