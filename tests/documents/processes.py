"""Run a function in real processes that start at the same moment; forked, as the workers are."""

from collections.abc import Callable
from typing import Any

from tests.forks import fork


def race(work: Callable[[int], Any], *, count: int) -> list[Any]:
    """Return what `work(number)` returned in each process; an exception there is raised here."""
    gate = fork.Barrier(count)
    answers = fork.SimpleQueue()

    def run(number: int) -> None:
        try:
            gate.wait(30)
            answers.put((number, work(number), None))
        except BaseException as error:  # noqa: BLE001 - told to the parent
            answers.put((number, None, repr(error)))

    runners = [fork.Process(target=run, args=(number,)) for number in range(count)]
    for runner in runners:
        runner.start()
    told = sorted((answers.get() for _ in runners), key=lambda answer: answer[0])
    for runner in runners:
        runner.join(30)
    failures = [error for _, _, error in told if error]
    assert failures == [], failures
    return [value for _, value, _ in told]
