"""The pages of webhooks: from the first endpoint to a replay, in both portals."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from documents.repositories import WebhookSecrets
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores, text  # noqa: F401 - fixtures
from tests.portals.webhooks import make_delivery, make_endpoint

pytestmark = pytest.mark.django_db
GIVEN = {"url": "http://127.0.0.1:9/hooks", "description": "Our board", "event_types": ["launch.delayed"]}


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = True


def page_of(client, endpoint, portal="supplier", **query):
    return client.get(reverse(f"{portal}:webhook-detail", args=[endpoint.pk]), query)


def act(client, endpoint, action, portal="supplier"):
    return client.post(reverse(f"{portal}:webhook-act", args=[endpoint.pk, action]), follow=True)


def test_a_new_endpoint_shows_its_secret_once_and_never_again(member):
    client = member()
    assert "No endpoints yet" in text(client.get(reverse("supplier:webhook-list")))

    answer = client.post(reverse("supplier:webhook-new"), GIVEN)

    endpoint = WebhookEndpoint.objects.get()
    (shown,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode()))
    assert WebhookSecrets.get(secret_id=endpoint.secret_id, endpoint_id=endpoint.pk) == shown
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert endpoint.supplier == client.user.supplier_member.supplier
    for name in ("webhook-list", "webhook-new"):
        assert "whsec_" not in client.get(reverse(f"supplier:{name}")).content.decode()
    for name in ("detail", "edit", "secret", "replay", "remove"):
        answer = client.get(reverse(f"supplier:webhook-{name}", args=[endpoint.pk]))
        assert (answer.status_code, "whsec_" in answer.content.decode()) == (200, False)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": ""}, "Give the address, like https://example.com/webhooks."),
        ({"url": "ftp://example.com"}, "Give an address that begins with https://."),
        ({"url": "https://10.0.0.1/"}, "leads to an address that is not public"),
        ({"event_types": []}, "Choose at least one event."),
        ({"event_types": ["nonsense"]}, "Choose events from the list."),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_what_was_typed_stays(member, changes, says):
    answer = member().post(reverse("supplier:webhook-new"), GIVEN | changes)

    shown = text(answer)
    assert (answer.status_code, WebhookEndpoint.objects.count()) == (422, 0)
    assert says in shown
    assert "There is a problem" in shown
    assert "Our board" in shown


def test_an_operator_is_offered_no_event_about_money(member):
    offered = text(member("operator").get(reverse("supplier:webhook-new")))

    assert ("booking.confirmed" in offered, "statement.issued" in offered) == (True, False)


def test_the_log_shows_how_it_went_and_filters_by_state(member, supplier):
    client, endpoint = member(), make_endpoint(supplier, failing_since=timezone.now(), latest_error="It said 500.")
    waiting, done = make_delivery(endpoint), make_delivery(endpoint, status="delivered", done_at=timezone.now())

    everything, delivered = text(page_of(client, endpoint)), text(page_of(client, endpoint, status="delivered"))

    assert (waiting.message.public_id in everything, done.message.public_id in everything) == (True, True)
    assert (waiting.message.public_id in delivered, done.message.public_id in delivered) == (False, True)
    assert "It said 500." in everything
    assert "of-the-receiver" not in everything
    assert "None in this state" in text(page_of(client, endpoint, status="skipped"))


def test_the_list_filters_by_how_endpoints_do(employee, supplier):
    now = timezone.now()
    made = {
        "well": make_endpoint(supplier, description="Does well"),
        "failing": make_endpoint(supplier, description="Is failing", failing_since=now),
        "paused": make_endpoint(None, description="Sleeps", status="paused", pause_cause="gone", paused_at=now),
    }
    staff = employee("it")

    shown = {state: text(staff.get(reverse("employee:webhook-list"), {"state": state})) for state in ("", *made)}

    found = {state: [one.description in page for one in made.values()] for state, page in shown.items()}
    assert found == {
        "": [True, True, True],
        "well": [True, False, False],
        "failing": [False, True, False],
        "paused": [False, False, True],
    }


def test_the_log_goes_page_by_page_without_gap_or_repeat(member, supplier):
    client, endpoint = member(), make_endpoint(supplier)
    made = [make_delivery(endpoint, timezone.now() - timedelta(minutes=n)).message.public_id for n in range(30)]

    first = page_of(client, endpoint)
    later = page_of(client, endpoint, cursor=re.search(r"cursor=([\w-]+)", first.content.decode())[1])

    shown = [re.findall(r"msg_[0-9a-f]{32}", answer.content.decode()) for answer in (first, later)]
    assert [len(one) for one in shown] == [25, 5]
    assert [*shown[0], *shown[1]] == made[::-1]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_queries_with_one_and_with_three(
    member, employee, supplier, count, django_assert_num_queries
):
    endpoints = [make_endpoint(supplier) for _ in range(count)]
    for endpoint in endpoints:
        for _ in range(count):
            make_delivery(endpoint)
    client, staff = member(), employee("it")

    # Session, user, desk, unread messages, desk again for the selector; then the list itself.
    with django_assert_num_queries(6):
        client.get(reverse("supplier:webhook-list"))
    with django_assert_num_queries(9):
        page_of(client, endpoints[0])
    with django_assert_num_queries(4):
        staff.get(reverse("employee:webhook-list"))


def test_a_delivery_shows_its_attempts_with_the_answer_as_text(member, supplier):
    client, endpoint = member(), make_endpoint(supplier)
    delivery = make_delivery(endpoint)

    shown = text(client.get(reverse("supplier:webhook-delivery", args=[endpoint.pk, delivery.pk])))

    assert "&lt;i&gt;Oops&lt;/i&gt;" in shown
    assert "&lt;b&gt;Weather&lt;/b&gt;" in shown
    assert "12 ms" in shown
    assert "Skip it" in shown


def test_the_buttons_do_what_they_say_and_wake_the_worker(member, supplier):
    client, endpoint = member(), make_endpoint(supplier)
    delivery = make_delivery(endpoint, status="failed", done_at=timezone.now())

    assert "A test event is on its way" in text(act(client, endpoint, "test"))
    assert OrmQ.objects.count() == 1
    assert "The endpoint is paused" in text(act(client, endpoint, "pause"))
    assert "active and cannot be resumed" not in text(act(client, endpoint, "resume"))
    assert "active and cannot be resumed" in text(act(client, endpoint, "resume"))
    assert "We try again now" in text(act(client, endpoint, "try-now"))
    assert act(client, endpoint, "explode").status_code == 404
    client.post(reverse("supplier:webhook-delivery-act", args=[endpoint.pk, delivery.pk, "replay"]))
    delivery.refresh_from_db()
    assert delivery.status == "waiting"
    client.post(reverse("supplier:webhook-delivery-act", args=[endpoint.pk, delivery.pk, "skip"]))
    delivery.refresh_from_db()
    assert delivery.status == "skipped"
    assert WebhookDelivery.objects.filter(is_test=True, status="waiting").count() == 1


def test_what_was_given_up_is_sent_again_since_an_instant(member, supplier):
    client, endpoint = member(), make_endpoint(supplier)
    make_delivery(endpoint, status="failed", done_at=timezone.now())
    address = reverse("supplier:webhook-replay", args=[endpoint.pk])
    an_hour_ago = f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}"

    assert client.post(address, {"since": "soon", "which": "failed"}).status_code == 422
    answer = client.post(address, {"since": an_hour_ago, "which": "failed"}, follow=True)

    assert "1 delivery will be sent again, in order." in text(answer)
    assert [row.status for row in WebhookDelivery.objects.all()] == ["waiting"]


def test_editing_rotating_and_removing(member):
    client = member()
    client.post(reverse("supplier:webhook-new"), GIVEN)
    endpoint = WebhookEndpoint.objects.get()

    client.post(reverse("supplier:webhook-edit", args=[endpoint.pk]), GIVEN | {"event_types": ["launch.aborted"]})
    rotated = client.post(reverse("supplier:webhook-secret", args=[endpoint.pk]))
    endpoint.refresh_from_db()
    assert endpoint.event_types == ["launch.aborted"]
    new = WebhookSecrets.get(secret_id=endpoint.secret_id, endpoint_id=endpoint.pk)
    assert new in rotated.content.decode()
    gone = client.post(reverse("supplier:webhook-remove", args=[endpoint.pk]), follow=True)

    assert "is removed" in text(gone)
    assert page_of(client, endpoint).status_code == 404


def test_it_sees_whose_an_endpoint_is_and_is_not_offered_what_it_may_not(employee, supplier):
    staff, theirs, ours = employee("it"), make_endpoint(supplier), make_endpoint(None)

    listed = text(staff.get(reverse("employee:webhook-list")))
    their_page, our_page = text(page_of(staff, theirs, "employee")), text(page_of(staff, ours, "employee"))

    assert ("Red Rock Rockets" in listed, "Platform" in listed) == (True, True)
    assert ("Remove" in their_page, "Remove" in our_page) == (False, True)
    refused = staff.post(reverse("employee:webhook-remove", args=[theirs.pk]))
    assert (refused.status_code, "is Red Rock Rockets" in text(refused)) == (403, True)
    theirs.refresh_from_db()
    assert theirs.status == "active"


@pytest.mark.parametrize("role", ["finance_member", "gate", "owner_b", "support", "customer"])
def test_a_post_of_the_wrong_role_changes_nothing(role, visitor, supplier):
    endpoint, client = make_endpoint(supplier), visitor(role)
    delivery = make_delivery(endpoint)

    answers = {
        client.post(
            reverse(f"supplier:{name}", args=arguments), GIVEN | {"since": "2026-01-01T00:00", "which": "all"}
        ).status_code
        for name, arguments in {
            "webhook-edit": [endpoint.pk],
            "webhook-secret": [endpoint.pk],
            "webhook-remove": [endpoint.pk],
            "webhook-replay": [endpoint.pk],
            "webhook-act": [endpoint.pk, "pause"],
            "webhook-delivery-act": [endpoint.pk, delivery.pk, "skip"],
        }.items()
    }

    endpoint.refresh_from_db()
    delivery.refresh_from_db()
    assert answers == {404 if role == "owner_b" else 403}
    assert (endpoint.status, delivery.status, endpoint.previous_secret_id) == ("active", "waiting", None)
