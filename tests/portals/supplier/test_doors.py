"""Door by role: who gets which answer at every address of the portal."""

import pytest
from django.urls import reverse

from finance.models import SupplierStatement
from launches.models import Launch
from portals.supplier.urls import urlpatterns
from tests.finance.settling import settled
from tests.portals.webhooks import webhook_address

#            anonymous customer owner operator finance gate owner_b support it admin
ROLES = ("anonymous", "customer", "owner", "operator", "finance_member", "gate", "owner_b", "support", "it", "admin")
ALL = (302, 403, 200, 200, 200, 200, 200, 403, 403, 403)
OWN = (302, 403, 200, 200, 200, 200, 404, 403, 403, 403)
CHANGE = (302, 403, 200, 200, 403, 403, 404, 403, 403, 403)
PLAN = (302, 403, 200, 200, 403, 403, 200, 403, 403, 403)
MANIFEST = (302, 403, 200, 200, 403, 200, 404, 403, 403, 403)
MONEY = (302, 403, 200, 403, 200, 403, 200, 403, 403, 403)
MONEY_OWN = (302, 403, 200, 403, 200, 403, 404, 403, 403, 403)
# A scheduled launch: what cannot be done with it now leads back to its page.
NOT_NOW = (302, 403, 303, 303, 403, 403, 404, 403, 403, 403)
DOORS = {
    "home": ALL,
    "statement-list": MONEY,
    "statement-detail": MONEY_OWN,
    "statement-pdf": MONEY_OWN,
    "invoice-list": MONEY,
    "invoice-detail": MONEY_OWN,
    "invoice-pdf": MONEY_OWN,
    "inbox": ALL,
    "preferences": ALL,
    "launch-list": ALL,
    "launch-new": PLAN,
    "launch-detail": OWN,
    "launch-seats": CHANGE,
    "launch-edit": CHANGE,
    "launch-delete": CHANGE,
    "manifest": MANIFEST,
    "manifest-csv": MANIFEST,
    "launch-delay": CHANGE,
    "launch-confirm": CHANGE,
    "launch-abort": CHANGE,
    "launch-schedule": NOT_NOW,
    "launch-launched": NOT_NOW,
    "launch-failed": NOT_NOW,
    "webhook-list": PLAN,
    "webhook-new": PLAN,
    "webhook-detail": CHANGE,
    "webhook-edit": CHANGE,
    "webhook-secret": CHANGE,
    "webhook-remove": CHANGE,
    "webhook-replay": CHANGE,
    "webhook-delivery": CHANGE,
    # Only POST; who is nobody's here is told so first.
    "webhook-act": (302, 403, 405, 405, 405, 405, 405, 403, 403, 403),
    "webhook-delivery-act": (302, 403, 405, 405, 405, 405, 405, 403, 403, 403),
}
WRITES = ("launch-seats", "launch-edit", "launch-delete", "launch-delay", "launch-confirm", "launch-abort",
          "launch-schedule", "launch-launched", "launch-failed")  # fmt: skip


def address(name: str, launch: Launch) -> str:
    if name.startswith("webhook-") and name not in ("webhook-list", "webhook-new"):
        return webhook_address("supplier", name, launch.supplier)
    pattern = next(entry for entry in urlpatterns if entry.name == name)
    if name.startswith(("statement-", "invoice-")) and not name.endswith("list"):
        statement = SupplierStatement.objects.filter(launch=launch).first() or settled(launch)
        return reverse(f"supplier:{name}", args=[statement.pk if "statement" in name else statement.invoice_id])
    return reverse(f"supplier:{name}", args=[launch.pk] if "launch_id" in str(pattern.pattern) else [])


def test_the_table_has_every_address():
    assert set(DOORS) == {entry.name for entry in urlpatterns}


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_in(role, visitor, make_launch):
    launch = make_launch()
    client = visitor(role)
    expected = {name: statuses[ROLES.index(role)] for name, statuses in DOORS.items()}
    assert {name: client.get(address(name, launch)).status_code for name in DOORS} == expected


@pytest.mark.parametrize("role", ["customer", "finance_member", "gate", "owner_b", "support"])
def test_a_post_of_the_wrong_role_changes_nothing(role, visitor, make_launch):
    launch = make_launch(mission_name="Quiet Dawn")
    client = visitor(role)
    answers = {
        name: client.post(
            address(name, launch),
            {"reason": "Because", "confirmation": "Quiet Dawn", "mission_name": "Other", "price_amount": "1"},
        ).status_code
        for name in WRITES
    }
    assert set(answers.values()) == {404 if role == "owner_b" else 403}
    launch.refresh_from_db()
    assert (launch.status, launch.mission_name, launch.version) == ("scheduled", "Quiet Dawn", 1)


def test_a_stranger_is_sent_to_the_sign_in_page_and_back(visitor):
    answer = visitor("anonymous").get(reverse("supplier:launch-list"))
    assert answer["Location"] == f"{reverse('accounts:sign-in')}?next=/supplier/launches/"
