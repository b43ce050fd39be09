"""Pure rules of launches: which moves are allowed, which destinations a rocket reaches."""

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
_ORDER = list(Range)


def is_move_allowed(current: str, wanted: str) -> bool:
    """Whether a launch may go from one status to another."""
    return wanted in MOVES[current]


def is_within_range(rocket_range: str, required_range: str) -> bool:
    """Whether a rocket of this range reaches a destination that needs the other."""
    return _ORDER.index(Range(rocket_range)) >= _ORDER.index(Range(required_range))
