"""Pure rules of launches: which moves are allowed, which destinations a rocket reaches, how a cabin is laid out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from common.dates import months_after, months_before
from launches.enums import LaunchStatus, Range

S = LaunchStatus
MOVES: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.SCHEDULED}),
    S.SCHEDULED: frozenset({S.CONFIRMED, S.DELAYED, S.ABORTED}),
    S.CONFIRMED: frozenset({S.DELAYED, S.ABORTED, S.LAUNCHED, S.FAILED}),
    S.DELAYED: frozenset({S.DELAYED, S.CONFIRMED, S.ABORTED, S.LAUNCHED, S.FAILED}),
    S.ABORTED: frozenset(),
    S.LAUNCHED: frozenset(),
    S.FAILED: frozenset(),
}
# Why a move is refused, said after "From <status> to <status> is not possible: ".
_WHY_FROM: dict[str, str] = {
    S.DRAFT: "a draft is published first",
    S.ABORTED: "an aborted launch does not come back",
    S.LAUNCHED: "it has flown",
    S.FAILED: "it has flown and failed",
}
_WHY_TO: dict[str, str] = {
    S.DRAFT: "a published launch does not become a draft again",
    S.SCHEDULED: "it is published already",
    S.CONFIRMED: "it is confirmed already",
    S.LAUNCHED: "a launch is confirmed before it leaves",
    S.FAILED: "a launch is confirmed before it leaves",
}
_ORDER = list(Range)

CABIN_SEATS_MAX = 300
_COLUMNS = "ABCDEF"


def is_move_allowed(current: str, wanted: str) -> bool:
    """Whether a launch may go from one status to another."""
    return wanted in MOVES[current]


def move_refusal(current: str, wanted: str) -> str:
    """Say why a move is not allowed: "a draft is published first"."""
    return _WHY_FROM.get(current) or _WHY_TO.get(wanted, "that move does not exist")


def is_within_range(rocket_range: str, required_range: str) -> bool:
    """Whether a rocket of this range reaches a destination that needs the other."""
    return _ORDER.index(Range(rocket_range)) >= _ORDER.index(Range(required_range))


def seats_needed(seats_on_sale: int, minimum_percent: int) -> int:
    """Return how many sold seats make a launch viable; one at least, unless there is no minimum."""
    return -(-max(seats_on_sale, 1) * minimum_percent // 100)


@dataclass(frozen=True, kw_only=True)
class ViabilityDays:
    """
    When a launch is looked at: warned from `warn_on` on, aborted from `check_on` on if it is not viable.

    is_warned: whether its supplier was warned for this departure; without that it is never aborted.
    """

    warn_on: date
    check_on: date
    is_warned: bool


def viability_days(
    *, departure_day: date, warned_day: date | None, today: date, months: int, warning_months: int
) -> ViabilityDays:
    """
    Say when a launch's viability is looked at; all days are those at the spaceport.

    # Note [Nobody is called off unwarned]
    The check is `months` calendar months before the departure, the warning `warning_months` before that. A launch that
    went on sale later, or whose warning came late because no scheduler ran, is warned as soon as it is seen and has
    the full `warning_months` from then: it is never aborted out of the blue. A warning counts for the departure it
    could have been given for. So a delay past the next warning's day brings a new warning and a new check, and a
    shift by a few days inside the month brings at most one more warning.

    Args:
        warned_day: when the supplier was warned latest, for whichever departure.
    Source: domain.md, Viability.
    """
    warn_on = months_before(departure_day, months + warning_months)
    is_warned = warned_day is not None and warned_day >= warn_on
    told = warned_day if is_warned and warned_day is not None else max(today, warn_on)
    check_on = max(months_before(departure_day, months), months_after(told, warning_months))
    return ViabilityDays(warn_on=warn_on, check_on=check_on, is_warned=is_warned)


@dataclass(frozen=True, kw_only=True)
class SeatPlan:
    """A seat of a cabin: rows from the nose backwards and columns from left to right, both from 1."""

    label: str
    row: int
    column: int
    is_window: bool
    is_exit: bool


def seats_abreast(count: int) -> int:
    """Return how many seats stand side by side in a cabin of so many seats."""
    return 2 if count <= 12 else 4 if count <= 60 else 6


def cabin_plan(count: int, *, abreast: int = 0) -> list[SeatPlan]:
    """
    Lay out a cabin: A1 B1, A2 B2 ..., windows at both sides, exits in every eighth row from the first, an aisle in the
    middle of four or six abreast (a column number is left out there).

    Args:
        count: 1 to CABIN_SEATS_MAX.
        abreast: seats side by side (2, 4 or 6); by the count when 0.
    """
    return list(_seats(count, abreast or seats_abreast(count)))


def _seats(count: int, abreast: int) -> Iterator[SeatPlan]:
    for index in range(count):
        row, place = divmod(index, abreast)
        aisle = 1 if abreast > 2 and place >= abreast // 2 else 0
        yield SeatPlan(
            label=f"{_COLUMNS[place]}{row + 1}",
            row=row + 1,
            column=place + 1 + aisle,
            is_window=place in (0, abreast - 1),
            is_exit=row % 8 == 0,
        )
