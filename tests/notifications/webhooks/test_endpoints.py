"""What owners do to endpoints: who may, what is kept where, what is told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.forms.models import model_to_dict

from common.errors import InvalidInput
from common.models import OutboxEvent
from documents.redaction import mask_text
from documents.repositories import WebhookSecrets
from launches.errors import NotASupplierMember
from notifications.webhooks import errors, selectors, services
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.documents.processes import race
from tests.factories import EmployeeFactory, MemberFactory, UserFactory
from tests.notifications.webhooks.builders import NOW, deliveries, queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
URL = "http://127.0.0.1:9/hooks?token=of-the-receiver"
MONEY = ("launch.delayed", "statement.paid_out")


def told(name: str) -> dict:
    return OutboxEvent.objects.get(name=f"notifications.webhook.{name}").payload


# --- made -----------------------------------------------------------------------------------------------------------
def test_a_secret_is_shown_once_and_stands_in_no_table_of_postgresql(endpoint):
    made = endpoint(URL)

    assert made.secret.startswith("whsec_")
    assert WebhookSecrets.get(secret_id=made.secret_id, endpoint_id=made.pk) == made.secret
    bare = made.secret.removeprefix("whsec_")
    assert bare not in str(model_to_dict(WebhookEndpoint.objects.get()))
    assert bare not in str(list(OutboxEvent.objects.values()))
    document = WebhookSecrets._documents().find_one({"_id": str(made.secret_id)})
    assert document is not None
    assert bare not in str(document)
    assert mask_text(f"secret was {made.secret}, and that is all") == "secret was [masked], and that is all"


def test_making_one_is_told_without_the_receivers_own_password(endpoint, owner):
    made = endpoint(URL)

    assert told("created") == {
        "webhook_id": str(made.pk),
        "supplier_id": owner.supplier_id,
        "address": "http://127.0.0.1:9/hooks",
        "has_money_events": False,
        "event_types": ["launch.delayed"],
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://no-such-host.invalid/"}, "url"),
        ({"event_types": []}, "event_types"),
        ({"event_types": ["bookings.booking.confirmed"]}, "event_types"),
        ({"description": "x" * 201}, "description"),
        ({"description": "a\x00b"}, "description"),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(owner, changes, field):
    given = {"url": URL, "event_types": ["launch.delayed"], "description": ""} | changes

    with pytest.raises(InvalidInput) as refused:
        services.endpoint_create(actor=owner.user, now=NOW, **given)

    assert list(refused.value.fields) == [field]
    assert (WebhookEndpoint.objects.count(), WebhookSecrets.count(), OutboxEvent.objects.count()) == (0, 0, 0)


def test_a_private_address_is_refused_when_it_is_given(owner, settings):
    settings.WEBHOOK_ALLOW_LOOPBACK = False

    with pytest.raises(InvalidInput) as refused:
        services.endpoint_create(
            actor=owner.user, url="https://192.168.1.1/", event_types=["launch.delayed"], description="", now=NOW
        )

    assert "not public" in refused.value.fields["url"]
    assert WebhookEndpoint.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_a_supplier_has_so_many_endpoints_and_no_more_also_at_once(owner, settings):
    settings.WEBHOOK_ENDPOINTS_MAX = 2

    def make(_: int) -> str:
        try:
            services.endpoint_create(actor=owner.user, url=URL, event_types=["launch.delayed"], description="", now=NOW)
        except errors.TooManyEndpoints:
            return "refused"
        finally:
            connection.close()
        return "made"

    assert sorted(race(make, count=4)) == ["made", "made", "refused", "refused"]
    assert WebhookEndpoint.objects.count() == 2


# --- whose ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["finance", "gate"])
def test_other_members_see_and_make_none(endpoint, owner, role):
    endpoint(URL)
    other = MemberFactory(supplier=owner.supplier, role=role).user

    with pytest.raises(errors.WebhooksForbidden):
        selectors.endpoint_list(actor=other)
    with pytest.raises(errors.WebhooksForbidden):
        endpoint(URL, by=other)


def test_customers_and_other_employees_see_none(endpoint):
    made = endpoint(URL)

    for stranger in (EmployeeFactory(employee_role="finance"), EmployeeFactory(employee_role="support"), UserFactory()):
        with pytest.raises(errors.WebhooksForbidden):
            selectors.endpoint_get(actor=stranger, endpoint_id=made.pk)
    with pytest.raises(NotASupplierMember):
        selectors.endpoint_get(actor=UserFactory(kind="supplier"), endpoint_id=made.pk)


def test_another_suppliers_endpoint_is_not_there(endpoint):
    made = endpoint(URL)
    stranger = MemberFactory().user

    for act in (services.endpoint_pause, services.endpoint_rotate_secret, services.endpoint_remove):
        with pytest.raises(errors.EndpointNotFound):
            act(actor=stranger, endpoint_id=made.pk, now=NOW)
    assert selectors.endpoint_list(actor=stranger).rows == []
    made.refresh_from_db()
    assert made.status == "active"


def test_an_operator_neither_makes_nor_sees_nor_turns_one_that_tells_of_money(endpoint, owner):
    operator = MemberFactory(supplier=owner.supplier, role="operator").user
    of_money, plain = endpoint(URL, event_types=MONEY), endpoint(URL)

    assert [row.endpoint.pk for row in selectors.endpoint_list(actor=operator).rows] == [plain.pk]
    with pytest.raises(errors.EndpointNotFound):
        selectors.endpoint_get(actor=operator, endpoint_id=of_money.pk)
    with pytest.raises(errors.MoneyIsTheOwners, match=r"statement\.paid_out"):
        endpoint(URL, by=operator, event_types=MONEY)
    with pytest.raises(errors.MoneyIsTheOwners):
        services.endpoint_change(
            actor=operator, endpoint_id=plain.pk, url=URL, event_types=MONEY, description="", now=NOW
        )
    assert [one.name for one in selectors.event_type_list(actor=operator) if one.is_money] == []
    assert WebhookEndpoint.objects.count() == 2


def test_it_looks_after_a_suppliers_endpoint_but_does_not_change_it(endpoint, it):
    made = endpoint(URL)

    services.endpoint_pause(actor=it, endpoint_id=made.pk, now=NOW)
    services.endpoint_resume(actor=it, endpoint_id=made.pk, now=NOW)
    services.endpoint_test(actor=it, endpoint_id=made.pk, now=NOW)
    for act in (services.endpoint_rotate_secret, services.endpoint_remove):
        with pytest.raises(errors.NotTheOwners, match="Red Rock Rockets"):
            act(actor=it, endpoint_id=made.pk, now=NOW)
    with pytest.raises(errors.NotTheOwners):
        services.endpoint_change(
            actor=it, endpoint_id=made.pk, url="http://127.0.0.1:10/", event_types=MONEY, description="", now=NOW
        )

    made.refresh_from_db()
    assert (made.url, made.status, OutboxEvent.objects.filter(name__endswith="secret_rotated").count()) == (
        URL,
        "active",
        0,
    )


# --- changed --------------------------------------------------------------------------------------------------------
def test_a_new_address_is_tried_at_once_and_told(endpoint, owner):
    made = endpoint(URL)
    WebhookEndpoint.objects.update(failures=4, failing_since=NOW, due_at=NOW + timedelta(hours=5))

    services.endpoint_change(
        actor=owner.user,
        endpoint_id=made.pk,
        url="http://127.0.0.1:10/new?secret=1",
        event_types=["launch.aborted"],
        description="Our board",
        now=NOW,
    )

    made.refresh_from_db()
    assert (made.failures, made.failing_since, made.due_at) == (0, None, NOW)
    said = told("changed")
    assert (said["old_address"], said["address"]) == ("http://127.0.0.1:9/hooks", "http://127.0.0.1:10/new")
    assert (said["fields"], said["old_event_types"], said["event_types"]) == (
        ["url", "event_types"],
        ["launch.delayed"],
        ["launch.aborted"],
    )


def test_a_rotation_that_lost_against_another_changes_nothing(endpoint, owner, monkeypatch):
    made = endpoint(URL)
    add = WebhookSecrets.add

    def rival_first(**given) -> None:
        monkeypatch.setattr(WebhookSecrets, "add", add)
        services.endpoint_rotate_secret(actor=owner.user, endpoint_id=made.pk, now=NOW)
        add(**given)

    monkeypatch.setattr(WebhookSecrets, "add", rival_first)
    with pytest.raises(errors.ChangedMeanwhile):
        services.endpoint_rotate_secret(actor=owner.user, endpoint_id=made.pk, now=NOW)

    made.refresh_from_db()
    assert made.previous_secret_until == NOW + timedelta(hours=24)
    assert OutboxEvent.objects.filter(name__endswith="secret_rotated").count() == 1


def test_moves_that_the_state_does_not_allow_are_refused(endpoint, owner):
    made = endpoint(URL)
    (waiting,) = queue(made)
    facts = {"actor": owner.user, "endpoint_id": made.pk, "now": NOW}

    with pytest.raises(errors.MoveNotAllowed, match="active and cannot be resumed"):
        services.endpoint_resume(**facts)
    with pytest.raises(errors.MoveNotAllowed, match="still waiting and cannot be replayed"):
        services.delivery_replay(**facts, delivery_id=waiting.pk)
    services.endpoint_test(**facts)
    with pytest.raises(errors.MoveNotAllowed, match="on its way already"):
        services.endpoint_test(**facts)
    services.endpoint_pause(**facts)
    with pytest.raises(errors.MoveNotAllowed, match="paused and cannot be paused"):
        services.endpoint_pause(**facts)
    with pytest.raises(errors.MoveNotAllowed, match="Resume it"):
        services.endpoint_retry_now(**facts)
    with pytest.raises(errors.DeliveryNotFound):
        services.delivery_skip(**facts, delivery_id=waiting.pk + 1000)


def test_what_was_given_up_since_an_instant_is_replayed_in_order_and_the_rest_is_left(endpoint, owner):
    made = endpoint(URL)
    early, late, delivered, skipped = (queue(made, at=NOW - timedelta(hours=hours))[0] for hours in (5, 3, 2, 1))
    for row, status in ((early, "failed"), (late, "failed"), (delivered, "delivered"), (skipped, "skipped")):
        WebhookDelivery.objects.filter(pk=row.pk).update(status=status, done_at=NOW)
    facts = {"actor": owner.user, "endpoint_id": made.pk, "now": NOW}

    assert services.deliveries_replay(**facts, since=NOW - timedelta(hours=4)) == 1
    assert [row.status for row in deliveries(made)] == ["failed", "waiting", "delivered", "skipped"]
    assert services.deliveries_replay(**facts, since=NOW - timedelta(hours=6), which="all") == 3
    assert {row.status for row in deliveries(made)} == {"waiting"}
    assert services.deliveries_replay(**facts, since=NOW - timedelta(hours=6), which="all") == 0
    said = list(OutboxEvent.objects.filter(name__endswith="replayed").order_by("pk").values_list("payload", flat=True))
    assert [(one["count"], one["which"]) for one in said] == [(1, "failed"), (3, "all")]
    with pytest.raises(InvalidInput) as refused:
        services.deliveries_replay(**facts, since=NOW + timedelta(hours=1))
    assert list(refused.value.fields) == ["since"]
