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


def test_the_plans_of_a_sale_made_while_the_tables_are_empty_go_by_index():
    """They are kept as long as the connection: one that reads a whole table would be slower with every seat sold."""
    launch = LaunchFactory(seats=6)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()

    assert services.checkout(
        customer=UserFactory(), launch_id=launch.pk, passengers=passenger_inputs(1), card=card(), now=NOW
    ).is_confirmed

    plans = [plan for name, count in prepared() for plan in explained(name, count)]
    assert [line for line in plans if "Seq Scan on bookings_" in line] == []
    assert any("Index" in line and "bookings_seatclaim" in line for line in plans)


def prepared():
    """Return name and number of parameters of each prepared statement that reads tables of bookings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements"
            " WHERE statement ~ '(FROM|JOIN) (ONLY )?bookings_'"
        )
        return cursor.fetchall()


def explained(name, count):
    """Return the lines of the plan that the connection keeps for a prepared statement."""
    with connection.cursor() as cursor:
        cursor.execute(f'EXPLAIN EXECUTE "{name}" ({", ".join(["NULL"] * count)})')
        return [row[0] for row in cursor.fetchall()]
