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

    assert set(counts) == {20}  # sixteen statements, and the beginnings and ends of two transactions
