"""
The heart of the system against a model of it: random lives of bookings, judged after every step.

`make model` runs it for long: MODEL_STEPS says how many steps at least, MODEL_SEED repeats a run.
"""

import itertools
import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.models.machine import TAKEN, BookingMachine

# Making a failing life shorter can take minutes; MODEL_SHRINK=no shows it as it was found.
PHASES = (Phase.generate, *(() if os.environ.get("MODEL_SHRINK") == "no" else (Phase.shrink,)))
COMMON = settings(
    stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES, database=None
)
EACH_TIME = settings(COMMON, max_examples=10, derandomize=True)  # the same lives each time
FOR_LONG = settings(COMMON, max_examples=25)


@pytest.mark.django_db(transaction=True)
def test_no_life_of_a_booking_loses_a_seat_or_a_cent():
    wanted, first = int(os.environ.get("MODEL_STEPS", "0")), int(os.environ.get("MODEL_SEED", "1"))
    TAKEN.clear()

    if not wanted:
        run_state_machine_as_test(BookingMachine, settings=EACH_TIME)
    for number in itertools.count(first):
        if TAKEN["steps"] >= wanted:
            break
        sys.stdout.write(f"seed {number}, {TAKEN['steps']} steps so far\n")
        run_state_machine_as_test(seed(number)(type("Seeded", (BookingMachine,), {})), settings=FOR_LONG)

    sys.stdout.write("".join(f"{count:7} {what}\n" for what, count in sorted(TAKEN.items())))
    assert TAKEN["steps"] > 200
