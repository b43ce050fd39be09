"""
A circuit breaker in front of each document store, one a process.

After a call that the store did not answer, people are not made to wait for it again: for a pause their calls are
refused at once, then one of them tries, and the answer decides. Workers and commands, for whom nobody waits, always
try; what they find out counts for everybody in their process.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class Resting(Exception):
    """The store did not answer a moment ago."""


class Breaker:
    """Closed while the store answers; open after a failure; half open, for one call only, when its pause is over."""

    def __init__(self, name: str, *, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._pause_s = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._rests_until: float | None = None  # None: closed
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether the latest call failed."""
        return self._rests_until is not None

    @contextmanager
    def guarding(self, *, failure: type[Exception], is_awaited: bool) -> Iterator[None]:
        """
        Run a call under the breaker.

        Args:
            failure: what the call raises when the store does not answer; any other outcome is an answer.
            is_awaited: whether somebody waits, so that a resting store is not asked.
        Raises: Resting, at once.
        """
        is_probe = is_awaited and self._probe_begin()
        try:
            yield
        except failure:
            self._open()
            raise
        except Exception:
            self._close()
            raise
        else:
            self._close()
        finally:
            if is_probe:
                self._is_probing = False

    def _probe_begin(self) -> bool:
        """Tell whether this call is the one that tries; raise Resting when the store is left alone."""
        if not self.is_open:
            return False
        with self._lock:
            rests_until = self._rests_until
            if rests_until is None:
                return False
            if self._is_probing or self._clock() < rests_until:
                raise Resting
            self._is_probing = True
            return True

    def _open(self) -> None:
        was_open, self._rests_until = self.is_open, self._clock() + self._pause_s
        if not was_open:
            log.warning("%s does not answer; requests do without it, %s s at a time.", self._name, self._pause_s)

    def _close(self) -> None:
        if self.is_open:
            self._rests_until = None
            log.info("%s answers again.", self._name)
