"""The doors of reconciling money: each says what was found, to those who may know."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ

from accounts.enums import EmployeeRole
from common.errors import Forbidden
from finance import selectors, tasks
from finance.errors import MoneyReconciliationNotFound
from finance.models import MoneyReconciliationRun, Refund, SandboxCharge
from finance.services import refund_send
from tests.api import client_of
from tests.factories import NOW, EmployeeFactory, LaunchFactory, UserFactory, make_booking
from tests.finance.reconciling import reconcile
from tests.finance.test_money_faults import cancel, deliver, unpost

pytestmark = pytest.mark.django_db(transaction=True)


# --- doors ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def yesterdays_booking():
    booking = make_booking(launch=LaunchFactory(), now=timezone.now() - timedelta(days=1))
    deliver()
    SandboxCharge.objects.update(created_at=timezone.now() - timedelta(days=1))
    return booking


def command(capsys, *options) -> tuple[int, str]:
    try:
        call_command("reconcile_money", *options)
    except SystemExit as ended:
        return int(ended.code), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_the_command_says_that_every_cent_is_explained(capsys, yesterdays_booking):
    assert command(capsys) == (0, "Every cent is explained; 2 looked at.\n")


def test_the_command_says_each_difference_and_ends_with_1_when_all_are_repaired(capsys, yesterdays_booking):
    payment = yesterdays_booking.payments.get()
    launch = yesterdays_booking.launch_id
    unpost(f"charge:{payment.pk}")

    code, said = command(capsys)

    assert code == 1
    assert said.splitlines() == [
        "difference                        found  repaired",
        "A movement missing in the ledger      1         1",
        "",
        f"booking {yesterdays_booking.reference}, charge:{payment.pk}: a movement missing in the ledger.",
        f"  Expected: gateway $450,000, suppliers of launch {launch} -$450,000",
        "  Found:    nothing",
        "  It was posted.",
        "",
        "Differences: 1 found, all repaired; 2 looked at.",
    ]
    assert command(capsys)[0] == 0


def test_the_command_ends_with_2_when_people_must_look(capsys, yesterdays_booking):
    SandboxCharge.objects.update(currency="EUR")

    assert command(capsys, "--dry-run")[0] == 1
    code, said = command(capsys, "--json")

    body = json.loads(said)
    assert (code, body["exit_code"], body["found"], body["repaired"]) == (2, 2, 1, 0)
    assert body["findings"][0]["class"] == "currency_differs"
    assert body["findings"][0]["found"].startswith("€450,000 collected at the gateway")


def test_the_command_refuses_a_day_that_is_none():
    with pytest.raises(CommandError, match="like 2027-01-15") as refused:
        call_command("reconcile_money", "--day", "tomorrow")
    assert refused.value.returncode == 2


def test_the_job_reconciles_in_the_name_of_who_asked(yesterdays_booking):
    finance = EmployeeFactory(employee_role=EmployeeRole.FINANCE)

    assert tasks.money_reconcile(is_dry_run=True, actor_id=finance.pk, actor_email=finance.email).endswith("0 repaired")

    run = MoneyReconciliationRun.objects.get()
    assert (run.actor, run.origin, run.is_dry_run) == (finance, "portal", True)


# --- reads ------------------------------------------------------------------------------------------------------------
def test_balances_are_sums_and_together_they_are_nothing(yesterdays_booking):
    finance = EmployeeFactory(employee_role=EmployeeRole.FINANCE)
    cancel_later = make_booking(launch=yesterdays_booking.launch)
    cancel(cancel_later)
    deliver()
    refund_send(refund_id=Refund.objects.get().pk, now=NOW)

    sums = {one.account: one.amount for one in selectors.balances(actor=finance)}

    assert sums == {"gateway": 495000, "suppliers": -495000, "customers": 0}
    launch = yesterdays_booking.launch
    assert selectors.launch_balance(launch_id=launch.pk, currency="USD") == 495000
    kept = selectors.balance(actor=finance, account="suppliers", currency="USD", supplier_id=launch.supplier_id)
    assert kept == selectors.balance(actor=finance, account="suppliers", currency="USD", launch_id=launch.pk) == -495000
    lines = selectors.ledger_of_booking(actor=finance, booking_id=cancel_later.pk)
    assert [(line.kind, line.account, line.amount) for line in lines] == [
        ("charge", "gateway", 450000),
        ("charge", "suppliers", -450000),
        ("refund", "suppliers", 405000),
        ("refund", "customers", -405000),
        ("refund_paid", "customers", 405000),
        ("refund_paid", "gateway", -405000),
    ]
    assert len(selectors.ledger_of_launch(actor=finance, launch_id=launch.pk)) == 3


@pytest.mark.parametrize("role", ["support", "it", None])
def test_only_finance_reads_the_ledger(role):
    actor = EmployeeFactory(employee_role=role) if role else UserFactory()

    for read in (
        lambda: selectors.balances(actor=actor),
        lambda: selectors.ledger_of_booking(actor=actor, booking_id=1),
        lambda: selectors.ledger_of_launch(actor=actor, launch_id=1),
        lambda: selectors.money_run_list(actor=actor, limit=1),
        lambda: selectors.money_run_get(actor=actor, run_id=1),
    ):
        with pytest.raises(Forbidden):
            read()


def test_a_run_is_read_with_its_findings():
    finance = EmployeeFactory(employee_role=EmployeeRole.FINANCE)
    first, second = reconcile(), reconcile()

    assert [run.pk for run in selectors.money_run_list(actor=finance, limit=5)] == [second.pk, first.pk]
    assert selectors.money_run_list(actor=finance, limit=5, before_id=second.pk) == [first]
    assert selectors.money_run_get(actor=finance, run_id=first.pk).left == 0
    with pytest.raises(MoneyReconciliationNotFound):
        selectors.money_run_get(actor=finance, run_id=0)


def test_a_run_asked_for_twice_under_one_key_is_asked_for_once():
    client = client_of(EmployeeFactory(employee_role=EmployeeRole.FINANCE))
    address, key = "/api/v1/employee/money-reconciliations/", {"Idempotency-Key": "k1"}

    first, again = (client.post(address, {"dry_run": True}, format="json", headers=key) for _ in range(2))

    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    assert OrmQ.objects.count() == 1
