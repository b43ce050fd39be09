"""The waiting list: who is served when, and what that does to everybody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import policies


@pytest.mark.parametrize(
    ("parties", "free", "promised"),
    [
        pytest.param([], 5, 0, id="nobody waits"),
        pytest.param([2], 0, 0, id="nothing is free"),
        pytest.param([2], 1, 0, id="a party too large reserves nothing"),
        pytest.param([2], 5, 2, id="the rest is for all"),
        pytest.param([4, 1], 3, 1, id="one behind who fits is served"),
        pytest.param([2, 2, 1], 3, 3, id="what does not fit is passed over"),
        pytest.param([1, 1, 1], 2, 2, id="never more than is free"),
    ],
)
def test_seats_promised(parties, free, promised):
    assert policies.seats_promised(parties, free) == promised


@given(parties=st.lists(st.integers(1, 6), max_size=30), free=st.integers(0, 60))
def test_seats_promised_leaves_nothing_that_the_first_in_line_could_have(parties, free):
    promised = policies.seats_promised(parties, free)

    assert 0 <= promised <= min(free, sum(parties))
    if parties and parties[0] <= free:
        assert promised >= parties[0]
    # Whoever joins at the end takes nothing from those before.
    assert policies.seats_promised([*parties, 1], free) >= promised
