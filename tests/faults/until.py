"""Waiting for what other processes bring about: look again until it is so, or say what did not come."""

import threading
import time
from collections.abc import Callable

LOOK_EVERY_S = 0.05
_never = threading.Event()


def until(look: Callable[[], object], what: str, *, within_s: float = 60) -> float:
    """Return how many seconds it took until `look` was true; fail with the sentence when it never was."""
    began_at = time.monotonic()
    while not look():
        waited = time.monotonic() - began_at
        assert waited < within_s, f"Not within {within_s:.0f} s: {what}"
        pause(LOOK_EVERY_S)
    return time.monotonic() - began_at


def pause(seconds: float) -> None:
    """Let others work, as a caller does who asks again after a moment."""
    _never.wait(seconds)
