"""
The heart of the system against a model of it: random lives of bookings, judged after every step.

`make model` runs it for long: MODEL_STEPS says how many steps at least, MODEL_SEED repeats a run.
"""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.models.machine import TAKEN, BookingMachine

STEPS_EACH = 30
# Making a failing life shorter can take minutes; MODEL_SHRINK=no shows it as it was found.
PHASES = (Phase.generate, *(() if os.environ.get("MODEL_SHRINK") == "no" else (Phase.shrink,)))
COMMON = settings(
    stateful_step_count=STEPS_EACH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
# The same examples each time, in well under a minute.
EACH_TIME = settings(COMMON, max_examples=25, derandomize=True, database=None)


@pytest.mark.django_db(transaction=True)
def test_no_life_of_a_booking_loses_a_seat_or_a_cent():
    wanted = int(os.environ.get("MODEL_STEPS", "0"))
    machine = BookingMachine
    if wanted:
        profile = settings(COMMON, max_examples=wanted // STEPS_EACH + 1, print_blob=True)
        machine = seed(int(os.environ.get("MODEL_SEED", "0")))(machine)
    else:
        profile = EACH_TIME
    TAKEN.clear()

    run_state_machine_as_test(machine, settings=profile)

    sys.stdout.write("".join(f"{count:7} {what}\n" for what, count in sorted(TAKEN.items())))
    assert TAKEN["steps"] >= max(wanted, 25 * STEPS_EACH // 2)
