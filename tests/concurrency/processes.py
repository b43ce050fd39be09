"""Real processes that start together, each with database connections of its own."""

import traceback
from collections.abc import Callable
from typing import Any

from django.db import connections

from tests.forks import fork

START_WITHIN_S = 60


def contend(*, count: int, job: Callable[[int], Any]) -> list[Any]:
    """
    Run `job(number)` in `count` processes at once and return what each returned, or the exception's class name.

    Needs committed data (`django_db(transaction=True)`): each process sees only what is committed.
    """
    barrier, answers = fork.Barrier(count), fork.SimpleQueue()

    def run(number: int) -> None:
        try:
            barrier.wait(START_WITHIN_S)
            answer: Any = job(number)
        except Exception as error:
            answer = type(error).__name__
            if answer not in EXPECTED:
                traceback.print_exc()
        finally:
            connections.close_all()
        answers.put((number, answer))

    processes = [fork.Process(target=run, args=(number,), daemon=True) for number in range(count)]
    for process in processes:
        process.start()
    found = dict(answers.get() for _ in processes)
    for process in processes:
        process.join(START_WITHIN_S)
    return [found[number] for number in range(count)]


EXPECTED = {"SeatsTaken", "NotEnoughSeats", "SeatLimitReached", "Busy", "HoldExpired", "SeatsGone"}
