"""What is on its way to a consumer, asked for without reading all events that are kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from common.outbox_delivery import subjects_in_flight
from tests.common.happenings import Happened, publish

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_ahead_or_fails_is_on_its_way_and_what_is_done_or_parked_is_not():
    publish(1, 2, 3, 4)
    publish(5)
    events = {event.payload["number"]: event for event in OutboxEvent.objects.all()}
    OutboxPosition.objects.create(consumer="ear", xid=events[3].xid, event_id=events[3].pk)
    OutboxFailure.objects.create(consumer="ear", event=events[1], error="x")
    OutboxFailure.objects.create(consumer="ear", event=events[2], error="x", parked_at=timezone.now())
    OutboxFailure.objects.create(consumer="another", event=events[3], error="x")

    assert subjects_in_flight(consumer="ear", field="number", values=range(9)) == {1, 4, 5}
    assert subjects_in_flight(consumer="ear", field="number", values=[2, 5]) == {5}
    assert subjects_in_flight(consumer="a new one", field="number", values=[2, 5]) == {2, 5}


def test_events_that_everybody_has_passed_are_not_read_again():
    OutboxEvent.objects.bulk_create(
        OutboxEvent(name=Happened.name, payload={"number": number}, origin="api") for number in range(2000)
    )
    latest = OutboxEvent.objects.latest("pk")
    OutboxPosition.objects.create(consumer="ear", xid=latest.xid, event_id=latest.pk - 10)
    OutboxFailure.objects.create(consumer="ear", event_id=latest.pk - 1000, error="x")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE common_outboxevent")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = subjects_in_flight(consumer="ear", field="number", values=range(2000))

    assert found == {999, *range(1990, 2000)}
    for question in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {question['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on common_outboxevent" not in plan
