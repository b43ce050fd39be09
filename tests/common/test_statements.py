"""Statements that travel together: fewer trips, the same transactions."""

import select

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common.models import OutboxFailure, OutboxPosition
from common.postgres import statements
from common.postgres.statements import Question, ask, later, together
from tests.documents.processes import race
from tests.forks import fork

pytestmark = pytest.mark.django_db(transaction=True)

_ADD = "INSERT INTO common_outboxposition (consumer, xid, event_id, failures_in_a_row, updated_at)"
_ADD += " VALUES (%s, 0, 0, 0, now()) RETURNING consumer"


def add(name):
    return later(_ADD, [name])


def count(found):
    return found[0][0]


def names():
    return list(OutboxPosition.objects.order_by("consumer").values_list("consumer", flat=True))


def send(*consumers, then=lambda: None):
    with transaction.atomic():
        together()
        for name in consumers:
            add(name)
        then()


def fail():
    raise ZeroDivisionError


def test_questions_are_answered_in_order_each_seeing_what_the_ones_before_did():
    with transaction.atomic():
        before, added, after = ask(
            Question("SELECT count(*) FROM common_outboxposition", None, count),
            Question(_ADD, ["a"], count),
            Question("SELECT count(*) FROM common_outboxposition", None, count),
        )

    assert (before, added, after) == (0, "a", 1)
    assert names() == ["a"]


def test_what_travels_together_is_committed_together():
    with transaction.atomic():
        together()
        first, second = add("a"), add("b")
        assert connection.is_pipelined

    assert not connection.is_pipelined
    assert (first(), second()) == ([("a",)], [("b",)])
    assert names() == ["a", "b"]


def test_what_is_refused_on_the_way_undoes_everything_at_the_commit():
    with pytest.raises(IntegrityError):
        send("a", "a", "b")

    assert names() == []
    assert connection.is_usable()


def test_what_is_refused_is_known_where_the_next_answer_is_asked_for():
    with transaction.atomic():
        add("a")
    with pytest.raises(IntegrityError):
        send("a", then=lambda: statements.rows(_ADD, ["b"]) or fail())

    assert names() == ["a"]


def test_djangos_own_cursors_end_it_and_see_what_was_sent_before():
    with transaction.atomic():
        together()
        add("a")
        assert OutboxPosition.objects.filter(consumer="a").update(xid=7) == 1
        assert not connection.is_pipelined
        add("b")

    assert names() == ["a", "b"]


def test_an_error_of_ours_undoes_what_was_sent():
    with pytest.raises(ZeroDivisionError):
        send("a", then=fail)

    assert names() == []
    assert not connection.is_pipelined


def test_inside_an_outer_transaction_nothing_is_committed_early():
    with transaction.atomic():
        send("a")
        assert names() == ["a"]
        transaction.set_rollback(True)

    assert names() == []


def test_outside_a_transaction_nothing_can_travel_together():
    with pytest.raises(RuntimeError):
        together()


def test_a_rollback_forgets_no_prepared_statement():
    def prepared():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%common_outboxposition%'")
            return cursor.fetchone()[0]

    with transaction.atomic():
        add("a")
    known = prepared()
    with pytest.raises(ZeroDivisionError):
        send("b", then=fail)

    assert known == prepared() == 1
    assert names() == ["a"]


@pytest.mark.race
def test_a_lock_that_is_held_too_long_ends_the_transaction_and_leaves_the_connection_usable():
    def contend(number):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            with transaction.atomic():
                together()
                statements.rows("SELECT pg_advisory_xact_lock(77) IS NULL", None)
                gate.wait(20)
        except OperationalError:
            gate.wait(20)
            return [row[0] for row in statements.rows("SELECT 1", None)]
        finally:
            connection.close()
        return "had it"

    gate = fork.Barrier(2)

    assert sorted(map(str, race(contend, count=2))) == ["[1]", "had it"]


class OnceAnswered(dict):
    """Values that are known when the server has answered something that was sent before."""

    def __getitem__(self, name):
        looking = select.poll()
        looking.register(connection.connection, select.POLLIN)
        assert looking.poll(20_000)
        return super().__getitem__(name)


def test_what_was_refused_first_is_what_is_raised_also_when_more_was_being_sent():
    """The driver reads the refusal of the first question as it sends the second; the end of the pipeline refuses it."""
    with transaction.atomic():
        add("a")
    late = Question(_ADD.replace("%s", "%(name)s"), OnceAnswered(name="b"), count)
    with pytest.raises(IntegrityError), transaction.atomic():
        ask(Question(_ADD, ["a"], count), late)

    assert names() == ["a"]
    assert not connection.is_pipelined


def test_what_only_the_commit_finds_wrong_undoes_everything_and_nothing_is_told():
    told = []

    def add_what_nobody_published():
        transaction.on_commit(lambda: told.append("committed"))
        later("INSERT INTO common_outboxfailure (consumer, event_id, attempts, error) VALUES ('a', 0, 1, '')", None)

    with pytest.raises(IntegrityError, match="common_outboxevent"):
        send("a", then=add_what_nobody_published)

    assert (names(), OutboxFailure.objects.count(), told) == ([], 0, [])
    send("b", then=lambda: transaction.on_commit(lambda: told.append("committed")))
    assert (names(), told) == (["b"], ["committed"])


@pytest.mark.parametrize("begin", [together, lambda: ask(*[Question("SELECT 1", None, count)] * 2)], ids=["all", "two"])
def test_a_connection_that_is_closed_is_djangos_error_also_where_a_pipeline_begins(begin):
    def begin_on_what_is_closed():
        with transaction.atomic():
            connection.connection.close()
            begin()

    with pytest.raises(OperationalError, match="closed"):
        begin_on_what_is_closed()

    assert not connection.is_pipelined
    send("a")
    assert names() == ["a"]


def test_a_rollback_to_a_savepoint_forgets_no_prepared_statement():
    with transaction.atomic():
        add("a")
        with pytest.raises(IntegrityError):
            send("a")
        with CaptureQueriesContext(connection):
            add("b")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT%%outboxposition%%'")
        assert cursor.fetchone() == (1,)
    assert names() == ["a", "b"]
