"""The days on which a launch that sells too few seats is warned and called off: calendar months before it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.dates import months_after, months_before
from launches import policies


def days(departure, *, warned=None, today):
    found = policies.viability_days(departure_day=departure, warned_day=warned, today=today, months=3, warning_months=1)
    return found.warn_on, found.check_on, found.is_warned


@pytest.mark.parametrize(
    ("departure", "warn_on", "check_on"),
    [
        (date(2028, 3, 14), date(2027, 11, 14), date(2027, 12, 14)),
        (date(2028, 6, 30), date(2028, 2, 29), date(2028, 3, 30)),
        (date(2027, 5, 31), date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 5, 31), date(2028, 1, 31), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2027, 10, 29), date(2027, 11, 29)),
    ],
)
def test_the_days_are_calendar_months_before_the_departure(departure, warn_on, check_on):
    early = warn_on - timedelta(days=40)

    assert days(departure, today=early) == (warn_on, check_on, False)
    assert days(departure, warned=warn_on, today=check_on) == (warn_on, check_on, True)


def test_who_is_warned_late_still_has_a_month():
    departure = date(2028, 3, 14)

    assert days(departure, today=date(2028, 1, 20)) == (date(2027, 11, 14), date(2028, 2, 20), False)
    assert days(departure, warned=date(2028, 1, 20), today=date(2028, 2, 1))[1:] == (date(2028, 2, 20), True)


def test_a_warning_for_an_earlier_departure_does_not_count_for_a_later_one():
    warned = date(2027, 11, 14)

    assert days(date(2028, 9, 14), warned=warned, today=date(2027, 12, 1)) == (
        date(2028, 5, 14),
        date(2028, 6, 14),
        False,
    )


@given(
    departure=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    before=st.integers(0, 400),
    warned_before=st.none() | st.integers(0, 400),
)
def test_nobody_is_called_off_unwarned_or_earlier_than_three_months_before(departure, before, warned_before):
    today = departure - timedelta(days=before)
    warned = None if warned_before is None else departure - timedelta(days=warned_before)
    found = policies.viability_days(departure_day=departure, warned_day=warned, today=today, months=3, warning_months=1)

    assert found.check_on >= months_before(departure, 3)
    assert found.warn_on == months_before(departure, 4)
    if found.is_warned:
        assert found.check_on >= months_after(warned, 1)
    else:
        assert found.check_on >= months_after(max(today, found.warn_on), 1)


@pytest.mark.parametrize(
    ("seats", "percent", "needed"), [(10, 20, 2), (6, 20, 2), (5, 20, 1), (6, 0, 0), (6, 100, 6), (300, 33, 99)]
)
def test_seats_needed_rounds_up(seats, percent, needed):
    assert policies.seats_needed(seats, percent) == needed
