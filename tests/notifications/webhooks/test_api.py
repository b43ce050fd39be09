"""The API of webhooks: from making an endpoint to reading its log."""

import pytest
from django.core.cache import cache
from django_q.models import OrmQ
from rest_framework.test import APIClient

from common.models import IdempotencyRecord
from notifications.webhooks import event_types, services, signing
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.api import client_of
from tests.factories import MemberFactory
from tests.notifications.webhooks.builders import NOW, queue, send
from tests.portals.webhooks import make_delivery, make_endpoint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
GIVEN = {"url": "http://127.0.0.1:9/hooks?token=1", "event_types": ["launch.delayed"], "description": "Our board"}
SUPPLIER, EMPLOYEE = "/api/v1/supplier/webhooks/", "/api/v1/employee/webhooks/"


@pytest.fixture
def client(owner) -> APIClient:
    return client_of(owner.user)


def test_an_endpoint_is_made_read_changed_rotated_and_removed(client, owner):
    made = client.post(SUPPLIER, GIVEN, headers={"Idempotency-Key": "one"})
    body = made.json()
    address = f"{SUPPLIER}{body['id']}/"
    read = client.get(address).json()

    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert body.pop("secret").startswith("whsec_")
    assert body == read
    assert (read["url"], read["supplier_id"], read["status"], read["waiting"]) == (
        GIVEN["url"],
        owner.supplier_id,
        "active",
        0,
    )
    assert IdempotencyRecord.objects.count() == 0

    changed = client.patch(address, {"event_types": ["launch.aborted"]})
    assert (changed.status_code, changed.json()) == (200, {**read, "event_types": ["launch.aborted"]})
    rotated = client.post(f"{address}secret/").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["old_signs_until"] is not None
    assert (client.delete(address).status_code, client.get(address).status_code) == (204, 404)
    assert client.get(SUPPLIER).json() == {"results": [], "next_cursor": ""}


@pytest.mark.django_db(transaction=True)
def test_what_the_api_made_is_delivered_and_stands_in_its_log(client, receiver):
    made = client.post(SUPPLIER, GIVEN | {"url": receiver.url}).json()
    endpoint = WebhookEndpoint.objects.get()
    WebhookEndpoint.objects.update(due_at=NOW)
    (row,) = queue(endpoint)

    send()

    (call,) = receiver.calls
    assert call.headers["webhook-signature"] == signing.signature(
        secret=made["secret"],
        message_id=call.id,
        timestamp=int(call.headers["webhook-timestamp"]),
        body=call.body,
    )
    (logged,) = client.get(f"{SUPPLIER}{made['id']}/deliveries/", {"status": "delivered"}).json()["results"]
    assert (logged["message_id"], logged["latest_status_code"], logged["attempts"]) == (call.id, 204, 1)
    detail = client.get(f"{SUPPLIER}{made['id']}/deliveries/{row.pk}/").json()
    assert detail["body"]["data"] == {"number": 0}
    assert [one["status_code"] for one in detail["tries"]] == [204]
    assert client.get(f"{SUPPLIER}{made['id']}/deliveries/", {"status": "waiting"}).json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "nonsense"}, "url"),
        ({"url": None}, "url"),
        ({"event_types": []}, "event_types"),
        ({"event_types": "launch.delayed"}, "event_types"),
        ({"event_types": ["nonsense"]}, "event_types"),
        ({"description": "x" * 201}, "description"),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(client, changes, field):
    answer = client.post(SUPPLIER, GIVEN | changes)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert WebhookEndpoint.objects.count() == 0


def test_a_replay_names_its_bad_fields(client, owner):
    endpoint = make_endpoint(owner.supplier)

    answer = client.post(f"{SUPPLIER}{endpoint.pk}/replays/", {"since": "soon", "which": "some"})

    assert (answer.status_code, sorted(answer.json()["fields"])) == (422, ["since", "which"])


def test_what_may_be_due_wakes_the_worker(client, owner):
    endpoint = make_endpoint(owner.supplier)
    make_delivery(endpoint, status="failed", done_at=NOW)
    for path, body in (("test-events", {}), ("attempt", {}), ("replays", {"since": "2026-01-01T00:00:00Z"})):
        cache.clear()
        OrmQ.objects.all().delete()
        assert client.post(f"{SUPPLIER}{endpoint.pk}/{path}/", body).status_code == 202
        assert [task.func() for task in OrmQ.objects.all()] == ["notifications.webhooks.tasks.send_due"]


@pytest.mark.parametrize(("method", "path"), [("patch", ""), ("delete", ""), ("post", "secret/")])
def test_it_changes_no_suppliers_endpoint_and_a_stranger_finds_none(it, owner, method, path):
    endpoint = make_endpoint(owner.supplier)

    refused = getattr(client_of(it), method)(f"{EMPLOYEE}{endpoint.pk}/{path}", {})
    unknown = getattr(client_of(MemberFactory().user), method)(f"{SUPPLIER}{endpoint.pk}/{path}", {})

    assert (refused.status_code, refused.json()["code"]) == (403, "webhook_is_the_suppliers")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "webhook_not_found")
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.previous_secret_id) == ("active", None)


def test_it_sees_a_suppliers_address_without_its_password(it, owner):
    theirs, ours = make_endpoint(owner.supplier), make_endpoint(None)

    shown = {one["id"]: one["url"] for one in client_of(it).get(EMPLOYEE).json()["results"]}

    assert shown == {
        str(theirs.pk): "https://example.com/hooks",
        str(ours.pk): "https://example.com/hooks?token=of-the-receiver",
    }


def test_endpoints_are_listed_by_how_they_do(client, owner):
    failing, well = make_endpoint(owner.supplier, failing_since=NOW), make_endpoint(owner.supplier)

    listed = {
        state: [one["id"] for one in client.get(SUPPLIER, {"state": state}).json()["results"]]
        for state in ("well", "failing", "paused")
    }

    assert listed == {"well": [str(well.pk)], "failing": [str(failing.pk)], "paused": []}
    assert list(client.get(SUPPLIER, {"state": "ill"}).json()["fields"]) == ["state"]


def test_the_events_to_choose_from_are_those_of_the_role(client, owner):
    operator = client_of(MemberFactory(supplier=owner.supplier, role="operator").user)

    offered = client.get("/api/v1/supplier/webhook-events/").json()["results"]
    to_operator = operator.get("/api/v1/supplier/webhook-events/").json()["results"]

    assert [one["name"] for one in offered] == [one.name for one in event_types.ALL]
    assert to_operator == [one for one in offered if not one["is_money"]]
    refused = operator.post(SUPPLIER, GIVEN | {"event_types": ["statement.issued"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "webhook_money_forbidden")


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_queries_with_one_and_with_three(client, owner, count, django_assert_num_queries):
    endpoints = [make_endpoint(owner.supplier) for _ in range(count)]
    for endpoint in endpoints:
        for _ in range(count):
            make_delivery(endpoint)

    # Session, user, desk; then the list (and before a log, its endpoint).
    with django_assert_num_queries(4):
        assert len(client.get(SUPPLIER).json()["results"]) == count
    with django_assert_num_queries(5):
        assert len(client.get(f"{SUPPLIER}{endpoints[0].pk}/deliveries/").json()["results"]) == count


def test_pages_follow_each_other_without_gap_or_repeat(client, owner):
    endpoints = [make_endpoint(owner.supplier) for _ in range(5)]
    for _ in range(5):
        make_delivery(endpoints[0])

    for path, expected in (
        (SUPPLIER, {str(one.pk) for one in endpoints}),
        (f"{SUPPLIER}{endpoints[0].pk}/deliveries/", set(WebhookDelivery.objects.values_list("pk", flat=True))),
    ):
        seen, cursor = [], ""
        while True:
            page = client.get(path, {"limit": 2, "cursor": cursor}).json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert (len(seen), set(seen)) == (5, expected)
    assert services.WHICH.keys() == {"failed", "all"}
