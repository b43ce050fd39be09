import re

import pytest
from django.template import Context, Template

from portals.shared import occupancy
from portals.shared.cabin import AISLE, SeatView, plan


def seat(number: int, *, row: int = 1, column: int = 1, **values) -> SeatView:
    return SeatView(id=number, label=f"{chr(64 + column)}{row}", row=row, column=column, **values)


def draw(seats: list[SeatView], options: str = "") -> str:
    return Template("{% load components %}{% cabin_plan seats " + options + " %}").render(Context({"seats": seats}))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("free", "Seat A1, window, exit row, $450,000, free"),
        ("mine", "Seat A1, window, exit row, $450,000, yours"),
        ("sold", "Seat A1, window, exit row, sold"),
        ("held", "Seat A1, window, exit row, held by someone else for now"),
        ("blocked", "Seat A1, window, exit row, not for sale"),
    ],
)
def test_seat_says_its_state_in_words(state: str, words: str) -> None:
    shown = draw([seat(7, state=state, is_window=True, is_exit=True, price_text="$450,000")])

    assert f'<span class="seat__words">{words}</span>' in shown


@pytest.mark.parametrize(
    ("state", "checked", "disabled"),
    [
        ("free", False, False),
        ("mine", True, False),
        ("sold", False, True),
        ("held", False, True),
        ("blocked", False, True),
    ],
)
def test_only_free_and_own_seats_can_be_ticked(state: str, checked: bool, disabled: bool) -> None:
    shown = draw([seat(7, state=state)], 'name="chosen"')

    (box,) = re.findall(r'<input class="seat__input"[^>]*>', shown)
    assert 'name="chosen" value="7"' in box
    assert (" checked" in box) is checked
    assert (" disabled" in box) is disabled


def test_readonly_plan_has_no_seat_to_tick() -> None:
    shown = draw([seat(1), seat(2, column=2, state="sold", note="Booking K7QX2M")], 'readonly=True title="Seats"')

    assert "seat__input" not in shown
    assert "Seat B1, sold, Booking K7QX2M" in shown


def test_seats_are_shown_in_rows_with_aisles_and_gaps() -> None:
    drawn = plan([seat(4, row=2, column=4), seat(1), seat(2, column=2), seat(3, column=4)])

    cells = [[cell.id if isinstance(cell, SeatView) else cell for cell in row.cells] for row in drawn.rows]
    assert cells == [[1, 2, AISLE, 3], [None, None, AISLE, 4]]


def test_two_seats_in_one_place_are_both_shown() -> None:
    drawn = plan([seat(1), seat(2)])

    assert [cell.id for cell in drawn.rows[0].cells if isinstance(cell, SeatView)] == [1, 2]


@pytest.mark.parametrize(("count", "columns"), [(0, 1), (3, 1), (4, 2), (6, 2), (7, 3), (12, 4), (40, 4), (100, 10)])
def test_every_seat_is_drawn_once(count: int, columns: int) -> None:
    seats = [seat(number, row=number // columns + 1, column=number % columns + 1) for number in range(count)]

    assert [int(value) for value in re.findall(r'name="seats" value="(\d+)"', draw(seats))] == list(range(count))


def test_legend_names_only_the_states_there_are() -> None:
    drawn = plan([seat(1), seat(2, column=2, state="held")])

    assert [words for _, words in drawn.legend] == ["Free", "Held by others"]


def test_legend_says_from_the_start_what_a_chosen_seat_looks_like() -> None:
    drawn = plan([seat(1), seat(2, column=2, state="sold")], is_choosable=True)

    assert [words for _, words in drawn.legend] == ["Free", "Chosen", "Sold"]
    assert "Chosen" in draw([seat(1)])


def test_legend_explains_the_readers_own_seats_too() -> None:
    seats = [
        SeatView(id=1, label="A1", row=1, column=1, state="booked"),
        SeatView(id=2, label="A2", row=2, column=1, state="waiting"),
    ]

    words = [words for _, words in plan(seats).legend]

    assert words == ["Free", "Booked by you", "Waits for your payment"]


def test_hostile_label_is_escaped() -> None:
    shown = draw([SeatView(id=1, label="<script>", row=1, column=1, note='"><img src=x onerror=y>')])

    assert "<script" not in shown
    assert "<img" not in shown


@pytest.mark.parametrize(
    ("taken", "total", "words"),
    [
        (2, 6, "4 of 6 seats left"),
        (0, 6, "6 of 6 seats left"),
        (5, 6, "Last seat, 1 of 6 left"),
        (6, 6, "Sold out"),
        (9, 6, "Sold out"),
        (-1, 6, "6 of 6 seats left"),
        (0, 0, "No seats on sale"),
        (60, 100, "40 of 100 seats left"),
    ],
)
def test_fill_says_what_is_left(taken: int, total: int, words: str) -> None:
    assert occupancy.fill(taken=taken, total=total).words == words


def test_fill_counts_what_is_sold_for_those_who_sell() -> None:
    assert occupancy.fill(taken=2, total=6, sold_words=True).words == "2 of 6 seats sold"


def test_fill_draws_seats_up_to_twelve_and_a_bar_beyond() -> None:
    small, large = occupancy.fill(taken=3, total=12), occupancy.fill(taken=12, total=13)

    assert small.seats == [True] * 3 + [False] * 9
    assert large.seats == []
    assert large.percent == 92
