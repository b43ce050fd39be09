"""What earlier launches are owed is carried into one statement only, also when two are issued at once."""

from decimal import Decimal

import pytest

from finance import locks, services
from finance.models import SupplierStatement
from finance.services import statements
from launches import services as launch_services
from tests.concurrency.processes import contend
from tests.factories import SupplierFactory, make_booking
from tests.finance.settling import AFTER, handle_events, make_launch
from tests.finance.test_statements import goodbye, settled
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def flown():
    """Two launches of a supplier that flew and are not settled; 10,000 of an earlier one went back meanwhile."""
    supplier = SupplierFactory()
    first = settled(supplier)
    services.statement_pay_out(actor=None, statement_id=first.pk, now=AFTER)
    goodbye(first, 10_000)
    launches = [make_launch(supplier, days_later=number) for number in (1, 2)]
    for launch in launches:
        make_booking(launch=launch)
        launch_services.launch_mark_flown(actor=None, launch_id=launch.pk, outcome="launched", now=launch.departure_at)
    handle_events(consumers=("bookings",))
    return [launch.pk for launch in launches]


def settle_both(flown) -> list[Decimal]:
    contend(count=2, job=lambda n: services.launch_settle(launch_id=flown[n], now=AFTER).pk)
    rows = SupplierStatement.objects.filter(launch_id__in=flown).order_by("carried_amount")
    return [one.carried_amount for one in rows]


def test_two_statements_at_once_carry_a_debt_once(flown):
    assert settle_both(flown) == [-10_000, 0]


def test_control_without_the_lock_it_is_carried_twice(flown, monkeypatch):
    in_the_gap = fork.Barrier(2)
    look = statements._carried

    def look_then_wait(launch):
        carried = look(launch)
        in_the_gap.wait(30)
        return carried

    monkeypatch.setattr(locks, "supplier_lock", lambda *, supplier_id: None)
    monkeypatch.setattr(statements, "_carried", look_then_wait)
    assert settle_both(flown) == [-10_000, -10_000]
