"""What employees and suppliers change stands in the audit trail as it was and as it is."""

from decimal import Decimal

import pytest

from accounts import services as account_services
from documents.repositories import AuditTrail
from launches import services as launch_services
from tests.factories import EmployeeFactory, LaunchFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("stores")]


def entry(kind: str, number: int, name: str):
    (found,) = [one for one in AuditTrail.of_object(kind, number) if one.name == name]
    return found


def test_changes_tell_before_after_and_why(deliver):
    admin, person = EmployeeFactory(employee_role="admin"), UserFactory(full_name="Ana One")
    launch = LaunchFactory(price_amount=Decimal(250000))

    account_services.user_change(actor=admin, user_id=person.pk, changes={"full_name": "Ana Two", "is_active": True})
    launch_services.supplier_suspend(actor=admin, supplier_id=launch.supplier_id, reason="debts")
    launch_services.launch_change(actor=None, launch_id=launch.pk, price_amount=Decimal(300000), now=launch.created_at)
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=launch.created_at)
    deliver()

    named = entry("user", person.pk, "accounts.user.changed")
    assert (named.before, named.after) == ({"full_name": "Ana One"}, {"full_name": "Ana Two"})
    suspended = entry("supplier", launch.supplier_id, "launches.supplier.suspended")
    assert (suspended.before, suspended.after, suspended.reason) == (
        {"status": "approved"},
        {"status": "suspended"},
        "debts",
    )
    dearer = entry("launch", launch.pk, "launches.launch.changed")
    assert Decimal(dearer.before["price_amount"]) == 250000
    assert Decimal(dearer.after["price_amount"]) == 300000
    confirmed = entry("launch", launch.pk, "launches.launch.confirmed")
    assert (confirmed.before, confirmed.after) == ({"status": "scheduled"}, {"status": "confirmed"})
