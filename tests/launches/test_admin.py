"""Launches in the admin: read by those who may, moved only through services."""

import pytest
from django.test import Client
from django.urls import reverse

from launches.models import CancellationPolicy, Launch, Supplier
from tests.factories import EmployeeFactory

MODELS = [
    "launch",
    "supplier",
    "suppliermember",
    "rocket",
    "cabinseat",
    "spaceport",
    "destination",
    "cancellationpolicy",
    "launchseat",
    "launchhistory",
    "launchslug",
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(people) -> Client:
    client = Client()
    client.force_login(people["employee admin"], backend="accounts.backends.EmailBackend")
    return client


@pytest.fixture
def support_client(people) -> Client:
    client = Client()
    client.force_login(people["employee support"], backend="accounts.backends.EmailBackend")
    return client


def act(client: Client, model: str, action: str, row, **values):
    return client.post(
        reverse(f"admin:launches_{model}_changelist"),
        {"action": action, "_selected_action": [row.pk], "index": 0, **values},
        follow=True,
    )


@pytest.mark.parametrize("model", MODELS)
def test_every_table_has_its_list_with_search(make_launch, admin_client, model):
    launch = make_launch("delayed")

    answer = admin_client.get(reverse(f"admin:launches_{model}_changelist"), {"q": "shepard"})

    assert answer.status_code == 200, answer.content[:500]
    assert launch.pk


def test_a_launch_is_shown_and_cannot_be_edited_added_or_deleted(make_launch, admin_client):
    launch = make_launch("delayed")
    page = admin_client.get(reverse("admin:launches_launch_change", args=[launch.pk]))

    assert page.status_code == 200
    assert b"Weather." in page.content
    assert b'name="price_amount"' not in page.content
    for name, args in (("add", []), ("delete", [launch.pk])):
        assert admin_client.post(reverse(f"admin:launches_launch_{name}", args=args)).status_code == 403
    admin_client.post(reverse("admin:launches_launch_change", args=[launch.pk]), {"price_amount": "1"})
    assert Launch.objects.get().price_amount == 450000


def test_moves_are_actions_that_call_the_services(make_launch, admin_client, people):
    launch = make_launch("scheduled")

    refused = act(admin_client, "launch", "abort", launch)
    done = act(admin_client, "launch", "abort", launch, reason="Engine.")

    assert b"Say why" in refused.content
    assert b"1 aborted." in done.content
    moved = Launch.objects.get()
    assert (moved.status, moved.reason, moved.version) == ("aborted", "Engine.", launch.version + 1)
    assert moved.history.filter(field="status").latest("id").actor == people["employee admin"]


def test_a_refused_move_says_why(make_launch, admin_client):
    launch = make_launch("aborted")

    answer = act(admin_client, "launch", "confirm", launch)

    assert b"an aborted launch does not come back" in answer.content
    assert Launch.objects.get().status == "aborted"


def test_roles_that_only_read_have_no_actions(make_launch):
    launch = make_launch("scheduled")
    client = Client()
    client.force_login(EmployeeFactory(employee_role="finance"), backend="accounts.backends.EmailBackend")

    assert client.get(reverse("admin:launches_launch_changelist")).status_code == 200
    act(client, "launch", "confirm", launch)
    assert Launch.objects.get().status == "scheduled"


def test_suppliers_are_approved_and_suspended_by_support(supplier, support_client):
    act(support_client, "supplier", "suspend", supplier, reason="Papers.")
    assert Supplier.objects.get(pk=supplier.pk).status == "suspended"

    act(support_client, "supplier", "approve", supplier)
    assert Supplier.objects.get(pk=supplier.pk).status == "approved"


def test_an_approved_supplier_keeps_its_legal_data(supplier, support_client):
    page = reverse("admin:launches_supplier_change", args=[supplier.pk])
    values = {"trade_name": "Blue Carriers", "legal_name": "", "tax_id": "1", "legal_address": "x"}
    inline = {f"members-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}

    answer = support_client.post(page, values | inline)

    assert b"An approved supplier needs its legal name" in answer.content
    assert Supplier.objects.get(pk=supplier.pk).legal_name == "Blue Inc."


TIERS = {
    "good": ('[{"months": 6, "percent": 50}, {"months": 1, "percent": 10}]', True),
    "an object": ('{"months": 6, "percent": 50}', False),
    "a text": ('"all"', False),
    "more than all": ('[{"months": 6, "percent": 101}]', False),
    "wrong order": ('[{"months": 1, "percent": 10}, {"months": 6, "percent": 50}]', False),
    "twice": ('[{"months": 6, "percent": 10}, {"months": 6, "percent": 50}]', False),
    "a fraction": ('[{"months": 1.5, "percent": 10}]', False),
    "no months": ('[{"percent": 10}]', False),
}


@pytest.mark.parametrize(("tiers", "is_taken"), TIERS.values(), ids=TIERS)
def test_policies_hold_only_tiers_that_refunds_can_be_counted_with(places, admin_client, tiers, is_taken):
    policy = CancellationPolicy.objects.get(code="standard")
    before = policy.tiers

    admin_client.post(
        reverse("admin:launches_cancellationpolicy_change", args=[policy.pk]), {"name": "Standard", "tiers": tiers}
    )

    policy.refresh_from_db()
    assert (policy.tiers != before) is is_taken
