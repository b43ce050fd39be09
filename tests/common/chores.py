"""Jobs that only tests know. What they did is in the file that CHORES_FILE names, a line each, from any process."""

import os
from pathlib import Path

from common import context
from tests.common.happenings import publish

SAYS = "the disk is full"


def note() -> int:
    """Note that it ran; when asked."""
    _write("ran")
    return 7


def fail() -> None:
    """Fail."""
    _write("failed")
    raise ValueError(SAYS)


def hang() -> None:
    """Take far too long."""
    from threading import Event

    _write("began")
    Event().wait(300)


def tell() -> None:
    """Publish an event."""
    publish(1)


def whoami() -> str:
    """Say in whose name it runs."""
    here = context.current()
    return f"{here.origin} {here.actor_email} {here.request_id}"


def _write(word: str) -> None:
    with Path(os.environ["CHORES_FILE"]).open("a") as file:
        file.write(f"{word}\n")


SCHEDULES = {
    "deliver events": {"func": "common.tasks.outbox_sweep", "minutes": 1},
    "make a note": {"func": "tests.common.chores.note", "minutes": 1},
    "fail": {"func": "tests.common.chores.fail", "minutes": 1},
    "hang": {"func": "tests.common.chores.hang", "minutes": 1, "limit_s": 1},
    "tell": {"func": "tests.common.chores.tell", "minutes": 1},
    "whoami": {"func": "tests.common.chores.whoami", "minutes": 60 * 24},
}
