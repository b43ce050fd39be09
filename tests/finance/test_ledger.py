"""The ledger: posts balance and happen once, and the database refuses what would break it, whoever asks."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from bookings import services as booking_services
from finance.gateways import ChargeAnswer
from finance.models import LedgerEntry, LedgerMovement, Payment, Refund
from finance.services import ledger, refund_request, refund_send
from finance.services.ledger import Line
from finance.services.payments import payment_record
from tests.factories import NOW, LaunchFactory, make_booking, make_pending

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


def raw_movement_with(*statements) -> None:
    """Insert a movement and what belongs to it, as somebody with SQL would, in one transaction."""
    with transaction.atomic():
        movement = sql(MOVEMENT + "VALUES ('charge', 'raw', 'USD', '', now()) RETURNING id")[0][0]
        for statement in statements:
            sql(statement % {"m": movement})


def not_emptying(statement) -> None:
    """Run a statement over a connection like the product's, which does not ask for what the tests may."""
    with transaction.atomic():
        sql("SET LOCAL astrobookings.ledger_may_be_emptied = 'no'")
        sql(statement)


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


def booked(source) -> list:
    rows = LedgerEntry.objects.filter(movement__source=source).order_by("pk")
    return list(rows.values_list("account", "amount", "launch_id"))


@pytest.mark.django_db
def test_a_payment_is_booked_for_the_launchs_supplier():
    booking = make_booking(launch=LaunchFactory())

    payment = booking.payments.get()
    assert booked(f"charge:{payment.pk}") == [
        ("gateway", 450000, None),
        ("suppliers", -450000, booking.launch_id),
    ]
    assert LedgerMovement.objects.get().booking == booking


@pytest.mark.django_db
def test_money_that_came_too_late_is_owed_to_the_customer_and_booked_once():
    booking = make_pending(launch=LaunchFactory())
    payment = Payment.objects.create(
        booking=booking, gateway="sandbox", amount=450000, currency="USD", status="declined", created_at=NOW
    )

    payment_record(payment_id=payment.pk, answer=ChargeAnswer(reference="sb_1", status="succeeded"), now=NOW)
    payment_record(payment_id=payment.pk, answer=ChargeAnswer(reference="sb_1", status="succeeded"), now=NOW)

    assert booked(f"charge:{payment.pk}") == [("gateway", 450000, None), ("customers", -450000, None)]
    assert Refund.objects.count() == 1
    assert LedgerMovement.objects.count() == 1  # what is owed back is on the customers' account already


@pytest.mark.django_db
@pytest.mark.parametrize(("cause", "borne_by"), [("customer", "suppliers"), ("goodwill", "goodwill")])
def test_a_refund_is_booked_when_it_is_owed_and_when_it_is_paid(cause, borne_by):
    booking = make_booking(launch=LaunchFactory())
    with transaction.atomic():
        refund = refund_request(
            payment=booking.payments.get(), amount=Decimal(1000), cause=cause, dedupe_key="x", now=NOW
        )

    refund_send(refund_id=refund.pk, now=NOW)
    refund_send(refund_id=refund.pk, now=NOW)

    assert booked(f"refund:{refund.pk}") == [(borne_by, 1000, booking.launch_id), ("customers", -1000, None)]
    assert booked(f"refund_paid:{refund.pk}") == [("customers", 1000, None), ("gateway", -1000, None)]
    assert LedgerMovement.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("fee", {}, [("suppliers", 7), ("fees", -7)]),
        ("payout", {"statement_id": 1}, [("suppliers", 7), ("bank", -7)]),
        ("receipt", {"receipt_id": 1}, [("bank", 7), ("suppliers", -7)]),
    ],
)
def test_each_kind_moves_a_launchs_money_between_its_accounts(name, values, expected):
    launch = LaunchFactory()

    assert getattr(ledger, f"{name}_post")(**values, launch_id=launch.pk, amount=Decimal(7), currency="USD", now=NOW)

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
    with pytest.raises(IntegrityError, match=sentence):
        raw_movement_with(*([ENTRY + entries] if entries else []))
    assert written() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_database_looks_at_commit_so_two_statements_may_make_a_movement():
    raw_movement_with(ENTRY + "(%(m)s, 'gateway', 5, 'USD')", ENTRY + "(%(m)s, 'customers', -5, 'USD')")

    assert written() == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_the_database_looks_again_after_an_early_check():
    with pytest.raises(IntegrityError, match="sum to 5.000 USD"):
        raw_movement_with(
            ENTRY + "(%(m)s, 'gateway', 5, 'USD'), (%(m)s, 'customers', -5, 'USD')",
            "SET CONSTRAINTS ALL IMMEDIATE",
            "SET CONSTRAINTS ALL DEFERRED",
            ENTRY + "(%(m)s, 'gateway', 5, 'USD')",
        )
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

    with pytest.raises(IntegrityError, match="The ledger is append-only"):
        not_emptying(statement.format(table))

    assert list(LedgerEntry.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_a_refund_is_borne_by_the_launch_it_came_from_even_if_the_booking_has_moved_on_since(deliver):
    """One passenger cancels and the others move before finance has heard of either."""
    old = LaunchFactory(price_amount=Decimal(450000))
    new = LaunchFactory(rocket=old.rocket, destination=old.destination, price_amount=Decimal(450000))
    booking = make_booking(launch=old, seats=2)
    who = booking.passengers.order_by("pk").first()
    quote = booking_services.cancellation_quote(
        customer=booking.customer, reference=booking.reference, passenger_ids=[who.pk], now=NOW
    )
    booking_services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=NOW)
    move = booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=new.pk, seat_ids=[], now=NOW
    )
    booking_services.rebooking_confirm(customer=booking.customer, rebooking_id=move.pk, now=NOW)

    deliver()

    owed = LedgerEntry.objects.filter(account="suppliers").values("launch_id").annotate(total=Sum("amount"))
    assert {row["launch_id"]: row["total"] for row in owed} == {
        old.pk: -(900000 - quote.refund_amount - 450000),
        new.pk: Decimal(-450000),
    }
