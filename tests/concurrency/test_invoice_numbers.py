"""Numbers without a gap: real processes, some that roll back and some that are killed, and the controls that fail."""

import os
import signal
from collections import Counter

import pytest
from django.db import connection, transaction
from django.utils import timezone

from finance import services
from finance.models import Invoice
from finance.services import invoices
from tests.concurrency.processes import contend
from tests.factories import LaunchFactory, make_booking
from tests.forks import fork

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
TODAY = timezone.now().date()


def make_bookings(count):
    launch = LaunchFactory(seats=count)
    return [make_booking(launch=launch, now=timezone.now()).pk for _ in range(count)]


def issue(booking_id, *, is_kept=True):
    """Issue in a transaction that may end in nothing."""
    with transaction.atomic():
        invoice = services.invoice_issue(booking_id=booking_id, event_id=booking_id, today=TODAY)
        if not is_kept:
            transaction.set_rollback(True)
    return invoice.number


def die_with_a_number(booking_id):
    """Draw a number and be killed before the commit."""
    process = fork.Process(target=_draw_and_die, args=(booking_id,), daemon=True)
    process.start()
    return process


def _draw_and_die(booking_id):
    with transaction.atomic():
        services.invoice_issue(booking_id=booking_id, event_id=booking_id, today=TODAY)
        os.kill(os.getpid(), signal.SIGKILL)


def numbers():
    return sorted(Invoice.objects.filter(series="C").values_list("number", flat=True))


def test_no_number_is_missing_or_given_twice_whoever_rolls_back_or_dies():
    bookings = make_bookings(20)
    victims = [die_with_a_number(booking_id) for booking_id in bookings[16:]]

    contend(count=16, job=lambda n: issue(bookings[n], is_kept=n % 4 != 0))
    for victim in victims:
        victim.join(60)
    killed = [victim.exitcode for victim in victims]
    first_round = numbers()
    contend(count=8, job=lambda n: issue([*bookings[0:16:4], *bookings[16:]][n]))

    assert killed == [-signal.SIGKILL] * 4
    assert first_round == list(range(1, 13))
    assert numbers() == list(range(1, 21))


def test_the_same_event_told_to_many_at_once_gives_one_invoice():
    (booking_id,) = make_bookings(1)

    answers = contend(count=6, job=lambda _: issue(booking_id))

    assert numbers() == [1]
    assert Counter(answers)[1] >= 1
    assert set(answers) <= {1, "IntegrityError"}


def test_control_without_the_lock_the_same_number_is_drawn_twice(monkeypatch):
    """Everybody reads the counter, then writes one more: only the constraint is left, and it refuses all but one."""
    bookings = make_bookings(4)
    in_the_gap = fork.Barrier(4)

    def draw_without_lock(*, series, year):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE(max(latest_number), 0) + 1 FROM finance_invoiceseries WHERE series = %s AND year = %s",
                [series, year],
            )
            (number,) = cursor.fetchone()
        in_the_gap.wait(30)
        return number

    monkeypatch.setattr(invoices, "number_draw", draw_without_lock)
    answers = contend(count=4, job=lambda n: issue(bookings[n]))

    assert Counter(answers) == {1: 1, "IntegrityError": 3}


def test_control_a_sequence_leaves_gaps_where_somebody_rolls_back(monkeypatch):
    bookings = make_bookings(8)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE invoice_numbers_control")

    def draw_from_sequence(*, series, year):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('invoice_numbers_control')")
            return cursor.fetchone()[0]

    monkeypatch.setattr(invoices, "number_draw", draw_from_sequence)
    try:
        contend(count=8, job=lambda n: issue(bookings[n], is_kept=n % 2 == 1))
        contend(count=4, job=lambda n: issue(bookings[n * 2]))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE invoice_numbers_control")

    assert len(numbers()) == 8
    assert numbers() != list(range(1, 9))
