"""The watch that fails tests in which a gateway is asked inside a transaction: it sees what it is for."""

import pytest
from django.db import connection, transaction

from finance.gateways import gateway
from finance.gateways.books import books_of
from tests import outside

PLACES = [("sandbox", name) for name in outside.CALLS] + [("stripe", name) for name in outside.CALLS]
BOOKS = [("sandbox", name) for name in outside.LISTS] + [("stripe", name) for name in outside.LISTS]


@pytest.fixture
def seen():
    """What the watch has found; forgotten afterwards, for here it is wanted."""
    yield outside.found
    outside.found.clear()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "call"), PLACES)
def test_each_call_of_a_gateway_inside_a_transaction_is_seen(stripe_double, seen, name, call):
    asked = getattr(gateway(name), call)

    with transaction.atomic(), pytest.raises(outside.AskedInTransactionError):
        asked()

    assert len(seen) == 1
    assert stripe_double.calls == []


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "call"), BOOKS)
def test_each_reading_of_a_gateways_books_inside_a_transaction_is_seen(stripe_double, seen, name, call):
    with transaction.atomic(), pytest.raises(outside.AskedInTransactionError):
        getattr(books_of(name), call)()

    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_it_sees_so_where_tests_commit_too(seen):
    with transaction.atomic(), pytest.raises(outside.AskedInTransactionError):
        gateway("sandbox").refund_status(reference="x")

    assert seen == ["SandboxGateway.refund_status"]


@pytest.mark.django_db
def test_the_transaction_of_a_test_is_none_of_ours():
    assert connection.in_atomic_block

    assert gateway("sandbox").status(key="nobody", reference="", amount=1, currency="USD") is None
