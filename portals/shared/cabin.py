"""The cabin plan: seats as rows and gaps, each with its state in words."""

from collections.abc import Iterable
from dataclasses import dataclass

FREE, MINE, SOLD, HELD, BLOCKED = "free", "mine", "sold", "held", "blocked"
STATE_WORDS = {
    FREE: "free",
    MINE: "yours",
    SOLD: "sold",
    HELD: "held by someone else for now",
    BLOCKED: "not for sale",
}
AISLE = "aisle"
LEGEND_WORDS = {
    FREE: "Free",
    "chosen": "Chosen",
    MINE: "Yours",
    "booked": "Booked by you",
    "waiting": "Waits for your payment",
    SOLD: "Sold",
    HELD: "Held by others",
    BLOCKED: "Not for sale",
}


@dataclass(frozen=True)
class SeatView:
    """
    One seat as a page shows it.

    state: free, mine, sold, held or blocked. price_text: with its currency, or empty. note: more words, e.g. a name.
    is_fixed: shown in its state, and not to be ticked here.
    """

    id: int
    label: str
    row: int
    column: int
    state: str = FREE
    is_window: bool = False
    is_exit: bool = False
    price_text: str = ""
    note: str = ""
    is_fixed: bool = False

    @property
    def is_selectable(self) -> bool:
        """Whether the reader may tick it."""
        return self.state in (FREE, MINE) and not self.is_fixed

    @property
    def is_mine(self) -> bool:
        """Whether it is ticked: the reader's already, and not fixed."""
        return self.state == MINE and not self.is_fixed

    @property
    def mark(self) -> str:
        """What stands in the box: the label, or a cross when sold."""
        return "×" if self.state == SOLD else self.label

    @property
    def words(self) -> str:
        """Everything about the seat in one sentence part: "Seat C2, window, $450,000, free"."""
        parts = [f"Seat {self.label}"]
        if self.is_window:
            parts.append("window")
        if self.is_exit:
            parts.append("exit row")
        if self.price_text and self.is_selectable:
            parts.append(self.price_text)
        parts.append(STATE_WORDS.get(self.state, self.state))
        if self.note:
            parts.append(self.note)
        return ", ".join(parts)


@dataclass(frozen=True)
class Row:
    """One row from left to right; None is a missing seat, AISLE the way between."""

    number: int
    cells: tuple[SeatView | str | None, ...]


@dataclass(frozen=True)
class CabinPlan:
    """Rows from the nose backwards, the words of the legend, and how tight the drawing must be."""

    rows: tuple[Row, ...]
    legend: tuple[tuple[str, str], ...]
    density: str
    has_windows: bool
    has_exits: bool


def plan(seats: Iterable[SeatView], *, is_choosable: bool = False) -> CabinPlan:
    """
    Arrange seats; wide gaps between used columns shrink to one, two seats in one place stand side by side.

    is_choosable: seats are ticked in it, so that its legend says what a ticked one looks like.
    """
    known = sorted(seats, key=lambda seat: (seat.row, seat.column, seat.label))
    columns = sorted({seat.column for seat in known})
    slots: list[int | str] = []
    for index, column in enumerate(columns):
        if index and column - columns[index - 1] > 1:
            slots.append(AISLE)
        slots.append(column)
    rows = []
    for number in sorted({seat.row for seat in known}):
        cells: list[SeatView | str | None] = []
        for slot in slots:
            if slot == AISLE:
                cells.append(AISLE)
                continue
            here = [seat for seat in known if seat.row == number and seat.column == slot]
            cells.extend(here or [None])
        rows.append(Row(number=number, cells=tuple(cells)))
    states = {FREE, *(seat.state for seat in known)}
    if is_choosable:  # there one's own seat is a ticked one
        states = states - {MINE} | {"chosen"}
    return CabinPlan(
        rows=tuple(rows),
        legend=tuple((state, words) for state, words in LEGEND_WORDS.items() if state in states),
        density=_density(columns=len(columns), seats=len(known)),
        has_windows=any(seat.is_window for seat in known),
        has_exits=any(seat.is_exit for seat in known),
    )


def _density(*, columns: int, seats: int) -> str:
    """Choose the size of a seat: "" (roomy), medium, dense or crowded."""
    if columns <= 3 and seats <= 12:
        return ""
    if columns <= 4 and seats <= 40:
        return "medium"
    return "dense" if columns <= 6 else "crowded"
