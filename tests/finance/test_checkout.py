"""The path of a sale: how often it goes to the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import outbox
from finance import services
from tests.factories import NOW, LaunchFactory, UserFactory, card, passenger_inputs

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_booking_takes_as_many_statements_however_many_seats_are_sold():
    launch = LaunchFactory(seats=30)
    counts = []

    for _ in range(20):
        customer = UserFactory()
        with outbox.deferred(), CaptureQueriesContext(connection) as asked:
            made = services.checkout(
                customer=customer, launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=NOW
            )
        assert made.is_confirmed
        counts.append(len(asked))

    assert set(counts) == {22}  # sixteen, and begin, setting and end of two transactions


@pytest.mark.parametrize("knows_tables", [False, True])
def test_the_plans_of_a_sale_made_while_the_tables_are_empty_go_by_index(knows_tables):
    """They are kept as long as the connection: one that reads a whole table would be slower with every seat sold."""
    launch = LaunchFactory(seats=60)
    if knows_tables:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    connection.close()

    assert services.checkout(
        customer=UserFactory(), launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=NOW
    ).is_confirmed

    plans = [plan for name, count in prepared() for plan in explained(name, count)]
    assert [line for line in plans if "Seq Scan on bookings_" in line] == []
    assert any("Index" in line and "bookings_seatclaim" in line for line in plans)
    # The best seat: the first one in its index that is not among those taken, which were read once.
    (best,) = ["\n".join(explained(name, count)) for name, count in prepared("SKIP LOCKED")]
    assert "Index Scan using launches_seats_best_first" in best
    assert "hashed SubPlan" in best
    assert "Sort" not in best


def test_a_sale_writes_into_no_index_of_claims_and_bookings():
    launch = LaunchFactory(seats=30)
    before = updates()

    for _ in range(10):
        customer = UserFactory()
        services.checkout(customer=customer, launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=NOW)

    sold = {table: (updates()[table][0] - all_, updates()[table][1] - hot) for table, (all_, hot) in before.items()}
    assert sold == {"bookings_booking": (10, 10), "bookings_seatclaim": (10, 10)}


def updates():
    """Return how often rows of claims and bookings were updated so far, and how often beside their old version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
            " WHERE relname IN ('bookings_booking', 'bookings_seatclaim')"
        )
        return {table: (every, hot) for table, every, hot in cursor.fetchall()}


def prepared(text="(FROM|JOIN) (ONLY )?bookings_"):
    """Return name and number of parameters of each prepared statement that matches; of those that read bookings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements WHERE statement ~ %s",
            [text],
        )
        return cursor.fetchall()


def explained(name, count):
    """Return the lines of the plan that the connection keeps for a prepared statement."""
    with connection.cursor() as cursor:
        cursor.execute(f'EXPLAIN EXECUTE "{name}" ({", ".join(["NULL"] * count)})')
        return [row[0] for row in cursor.fetchall()]
