"""Several workers deliver at once: nothing twice, nothing left out."""

from collections import Counter

import pytest

from common import outbox_delivery
from tests.common.happenings import listen, publish
from tests.concurrency.processes import contend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
EVENTS = range(120)
PROCESSES = 5


@pytest.fixture
def heard(monkeypatch, tmp_path):
    """A consumer whose effect cannot be undone or recognized: each event adds a line to a file, in any process."""
    path = tmp_path / "heard"

    def note(number):
        with path.open("a") as file:
            file.write(f"{number}\n")

    listen(monkeypatch, note)
    monkeypatch.setattr(outbox_delivery, "BATCH", 10)
    publish(*EVENTS)
    return lambda: [int(line) for line in path.read_text().splitlines()]


def test_processes_that_deliver_at_once_deliver_each_event_once_and_in_order(heard):
    handled = contend(count=PROCESSES, job=lambda _: sum(outbox_delivery.deliver(consumer="ear") for _ in range(20)))

    assert sum(handled) == len(EVENTS)
    assert heard() == list(EVENTS)


def test_control_without_the_lease_they_deliver_the_same_events(heard, monkeypatch):
    monkeypatch.setattr(outbox_delivery, "_lease_take", lambda turn: True)

    contend(count=PROCESSES, job=lambda _: outbox_delivery.deliver(consumer="ear"))

    assert Counter(heard()).most_common(1)[0][1] == PROCESSES
