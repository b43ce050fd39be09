"""The ledger: posts balance and happen once, and the database refuses what would break it, whoever asks."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from finance.models import LedgerEntry, LedgerMovement
from finance.services import ledger
from finance.services.ledger import Line
from tests.factories import NOW, LaunchFactory

MOVEMENT = "INSERT INTO finance_ledgermovement (kind, source, currency, note, occurred_at) "
ENTRY = "INSERT INTO finance_ledgerentry (movement_id, account, amount, currency) VALUES "


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def post(source="charge:1", lines=None, **changes):
    lines = lines or [Line("gateway", Decimal(100)), Line("customers", Decimal(-100))]
    with transaction.atomic():
        return ledger.movement_post(
            **{"kind": "charge", "source": source, "currency": "USD", "lines": lines, "occurred_at": NOW, **changes}
        )


def raw_movement(source="raw", currency="USD") -> int:
    return sql(MOVEMENT + "VALUES ('charge', %s, %s, '', now()) RETURNING id", source, currency)[0][0]


def written() -> tuple[int, int]:
    return LedgerMovement.objects.count(), LedgerEntry.objects.count()


@pytest.mark.django_db
def test_a_movement_is_posted_once_a_source_in_one_statement(django_assert_num_queries):
    launch = LaunchFactory()
    lines = [Line("gateway", Decimal("450000.50")), Line("suppliers", Decimal("-450000.50"), launch.pk)]

    with transaction.atomic(), django_assert_num_queries(1):
        is_new = ledger.movement_post(kind="charge", source="charge:x", currency="USD", lines=lines, occurred_at=NOW)

    assert (is_new, post("charge:x", lines)) == (True, False)
    assert list(LedgerEntry.objects.order_by("pk").values_list("account", "amount", "supplier_id", "launch_id")) == [
        ("gateway", Decimal("450000.500"), None, None),
        ("suppliers", Decimal("-450000.500"), launch.supplier_id, launch.pk),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_movement_needs_the_transaction_of_its_cause():
    with pytest.raises(RuntimeError):
        ledger.movement_post(kind="charge", source="x", currency="USD", lines=[], occurred_at=NOW)
    assert written() == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("charge", {"payment_id": "p", "booking_id": None}, [("gateway", 7), ("suppliers", -7)]),
        ("charge", {"payment_id": "p", "booking_id": None, "launch_id": None}, [("gateway", 7), ("customers", -7)]),
        (
            "refund",
            {"refund_id": "r", "booking_id": None, "cause": "customer"},
            [("suppliers", 7), ("customers", -7)],
        ),
        ("refund", {"refund_id": "r", "booking_id": None, "cause": "goodwill"}, [("goodwill", 7), ("customers", -7)]),
        ("refund_paid", {"refund_id": "r", "booking_id": None, "launch_id": ...}, [("customers", 7), ("gateway", -7)]),
        ("fee", {}, [("suppliers", 7), ("fees", -7)]),
        ("payout", {"statement_id": 1}, [("suppliers", 7), ("bank", -7)]),
        ("receipt", {"receipt_id": 1}, [("bank", 7), ("suppliers", -7)]),
    ],
)
def test_each_kind_moves_money_between_its_accounts(name, values, expected):
    values = {"launch_id": LaunchFactory().pk, **values}
    if values["launch_id"] is ...:
        del values["launch_id"]

    assert getattr(ledger, f"{name}_post")(**values, amount=Decimal(7), currency="USD", now=NOW)

    assert LedgerMovement.objects.get().kind == name
    assert list(LedgerEntry.objects.order_by("pk").values_list("account", "amount")) == expected


@pytest.mark.django_db
def test_a_transfer_takes_the_money_from_one_launch_to_the_other():
    old, new = LaunchFactory(), LaunchFactory()

    ledger.transfer_post(
        rebooking_id="r",
        booking_id=None,
        from_launch_id=old.pk,
        to_launch_id=new.pk,
        amount=Decimal(7),
        currency="USD",
        now=NOW,
    )

    rows = LedgerEntry.objects.order_by("pk").values_list("account", "amount", "launch_id", "supplier_id")
    assert list(rows) == [("suppliers", 7, old.pk, old.supplier_id), ("suppliers", -7, new.pk, new.supplier_id)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("(%(m)s, 'gateway', 5, 'USD'), (%(m)s, 'suppliers', -4, 'USD')", "sum to 1.000 USD instead of zero"),
        ("(%(m)s, 'gateway', 5, 'USD'), (%(m)s, 'suppliers', -5, 'EUR')", "is in USD, but 1 of its entries are not"),
        ("(%(m)s, 'gateway', 5, 'EUR'), (%(m)s, 'suppliers', -5, 'EUR')", "is in USD, but 2 of its entries are not"),
        ("(%(m)s, 'gateway', 5, 'USD')", "has 1 of the two or more entries that it needs"),
        ("", "has 0 of the two or more entries that it needs"),
    ],
    ids=["unbalanced", "two-currencies", "another-currency", "one-entry", "no-entry"],
)
def test_the_database_refuses_a_movement_that_does_not_balance(entries, sentence):
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
        movement = raw_movement()
        if entries:
            sql(ENTRY + entries % {"m": movement})
    assert written() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_database_looks_at_commit_so_two_statements_may_make_a_movement():
    with transaction.atomic():
        movement = raw_movement()
        sql(ENTRY + "(%s, 'gateway', 5, 'USD')", movement)
        sql(ENTRY + "(%s, 'customers', -5, 'USD')", movement)
    assert written() == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_the_database_looks_again_after_an_early_check():
    with pytest.raises(IntegrityError, match="sum to 5.000 USD"), transaction.atomic():
        movement = raw_movement()
        sql(ENTRY + f"({movement}, 'gateway', 5, 'USD'), ({movement}, 'customers', -5, 'USD')")
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")
        sql(ENTRY + "(%s, 'gateway', 5, 'USD')", movement)
    assert written() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_more_entries_for_a_movement_of_an_earlier_transaction():
    post()
    movement = LedgerMovement.objects.get().pk

    with pytest.raises(IntegrityError, match="is closed: entries are added only by the transaction that made it"):
        sql(ENTRY + f"({movement}, 'gateway', 5, 'USD'), ({movement}, 'customers', -5, 'USD')")

    assert written() == (1, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["finance_ledgermovement", "finance_ledgerentry"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET currency = 'EUR'",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "INSERT INTO {0} (SELECT * FROM {0}) ON CONFLICT (id) DO UPDATE SET currency = 'EUR'",
    ],
    ids=["update", "delete", "truncate", "upsert"],
)
def test_the_database_refuses_to_alter_what_is_written(table, statement):
    post()
    before = list(LedgerEntry.objects.order_by("pk").values())

    with pytest.raises((IntegrityError, InternalError), match="The ledger is append-only"), transaction.atomic():
        sql("SET LOCAL astrobookings.ledger_may_be_emptied = 'no'")
        sql(statement.format(table))

    assert list(LedgerEntry.objects.order_by("pk").values()) == before
