"""Pure rules of bookings: moves, ages, refunds, references, which seats are best."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from bookings.enums import BookingStatus, RebookingStatus, SlipStatus, WaitingStatus
from common.dates import end_of_day, local_date, months_before, years_between
from common.money import percent_of, round_money

S = BookingStatus
MOVES: dict[str, frozenset[str]] = {
    S.PENDING: frozenset({S.CONFIRMED, S.EXPIRED}),
    # A payment that succeeds after the hold lapsed revives the booking if its seats are still free.
    S.EXPIRED: frozenset({S.CONFIRMED}),
    S.CONFIRMED: frozenset({S.CANCELLED, S.COMPLETED}),
    S.CANCELLED: frozenset(),
    S.COMPLETED: frozenset(),
}

R = RebookingStatus
REBOOKING_MOVES: dict[str, frozenset[str]] = {
    R.OPEN: frozenset({R.DONE, R.EXPIRED, R.GIVEN_UP}),
    # The difference may arrive after the hold lapsed; it still buys the seats if they are free.
    R.EXPIRED: frozenset({R.DONE}),
    R.DONE: frozenset(),
    R.GIVEN_UP: frozenset(),
}
SLIP_MOVES: dict[str, frozenset[str]] = {
    SlipStatus.OPEN: frozenset(set(SlipStatus) - {SlipStatus.OPEN}),
    # A move that was under way at the deadline, and paid for, is done after it.
    SlipStatus.LAPSED: frozenset({SlipStatus.MOVED}),
    SlipStatus.KEPT: frozenset(),
    SlipStatus.MOVED: frozenset(),
    SlipStatus.REFUNDED: frozenset(),
    SlipStatus.OVERTAKEN: frozenset(),
}

W = WaitingStatus
WAITING_MOVES: dict[str, frozenset[str]] = {
    W.WAITING: frozenset({W.OFFERED, W.LEFT, W.CLOSED}),
    W.OFFERED: frozenset({W.ACCEPTED, W.DECLINED, W.LAPSED, W.CLOSED}),
    W.ACCEPTED: frozenset(),
    W.DECLINED: frozenset(),
    W.LAPSED: frozenset(),
    W.LEFT: frozenset(),
    W.CLOSED: frozenset(),
}

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: six of these 25 read well on the phone and give 244 million references.
REFERENCE_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_move_allowed(current: str, wanted: str) -> bool:
    """Whether a booking may go from one status to another."""
    return wanted in MOVES[current]


@dataclass(frozen=True)
class PolicyTier:
    """Cancel at least so many calendar months before departure, get so many percent back."""

    months: int
    percent: int


def tiers_from(plain: Iterable[dict[str, Any]]) -> list[PolicyTier]:
    """Read tiers as models keep them, longest first."""
    return sorted((PolicyTier(int(t["months"]), int(t["percent"])) for t in plain), key=lambda t: -t.months)


def refund_percent(*, tiers: Sequence[PolicyTier], departure_at: datetime, zone: str, now: datetime) -> int:
    """
    Return what percentage comes back.

    Months count back from the departure's date at the spaceport; the last day of a tier still gets it (there, too).
    """
    departure_day, today = local_date(departure_at, zone), local_date(now, zone)
    for tier in tiers:
        if today <= months_before(departure_day, tier.months):
            return tier.percent
    return 0


@dataclass(frozen=True)
class PolicyLine:
    """The policy in an amount and a date: cancel before `until`, get `refund` back."""

    until: datetime
    last_day: date
    percent: int
    refund: Decimal


def policy_lines(
    *, tiers: Sequence[PolicyTier], departure_at: datetime, zone: str, price: Decimal, currency: str, now: datetime
) -> list[PolicyLine]:
    """Say the tiers that can still be reached, longest first."""
    lines = []
    for tier in tiers:
        last_day = months_before(local_date(departure_at, zone), tier.months)
        until = end_of_day(last_day, zone)
        if until > now:
            lines.append(PolicyLine(until, last_day, tier.percent, percent_of(price, tier.percent, currency)))
    return lines


def age_problem(*, birth_date: date, departure_day: date, youngest: int, oldest: int) -> str:
    """Return a sentence when the age on the departure day is outside the range, else ''."""
    if birth_date >= departure_day:
        return "Enter a date of birth in the past."
    age = years_between(birth_date, departure_day)
    if not youngest <= age <= oldest:
        return (
            f"Passengers must be {youngest} to {oldest} years old on the departure date; "
            f"this one would be {age}. Check the date of birth."
        )
    return ""


def name_problem(name: str) -> str:
    """Return a sentence when a full name cannot be one, else ''."""
    if not name:
        return "Enter the full name as in the passport."
    if len(name) > 120:
        return "Shorten the name to 120 characters."
    if _CONTROL.search(name) or not any(character.isalpha() for character in name):
        return "Enter the name in letters, without line breaks or control characters."
    return ""


def tiers_capped(tiers: Iterable[PolicyTier], percent: int) -> list[PolicyTier]:
    """
    Return a policy under which nothing better than `percent` ever comes back.

    Who moves to a later launch of one's own will must not get more back by that than before. Tiers that say the same
    are one, with the latest day; those of 0 % say nothing and are left out.
    """
    capped: dict[int, PolicyTier] = {}
    for tier in sorted(tiers, key=lambda t: -t.months):
        share = min(tier.percent, percent)
        if share:
            capped[share] = PolicyTier(tier.months, share)
    return sorted(capped.values(), key=lambda t: -t.months)


def tiers_after_move(
    tiers: Sequence[PolicyTier], *, departure_at: datetime, zone: str, is_slip: bool, now: datetime
) -> list[PolicyTier]:
    """
    Return the policy of a booking that moves away from a launch that departs then, there.

    Nobody gets around the policy by moving to a later launch first; who is moved by a slip keeps it as it is.
    """
    if is_slip:
        return list(tiers)
    return tiers_capped(tiers, refund_percent(tiers=tiers, departure_at=departure_at, zone=zone, now=now))


def tiers_plain(tiers: Iterable[PolicyTier]) -> list[dict[str, int]]:
    """Write tiers as models keep them."""
    return [{"months": tier.months, "percent": tier.percent} for tier in tiers]


def price_after_move(*, old: Decimal, new: Decimal, refund_percent: int, refund_max: Decimal, currency: str) -> Decimal:
    """
    Return what the seats of a moved booking have cost in the end.

    Args:
        old: what was paid for them. new: what they cost on the new launch. refund_percent: of what it is cheaper.
        refund_max: what is left of all that was paid; goodwill may have given some back already.
    """
    return new if new >= old else old - min(percent_of(old - new, refund_percent, currency), refund_max)


def shares(amount: Decimal, count: int, currency: str) -> list[Decimal]:
    """Part an amount into equal shares of whole minor units; the last one takes what is left over."""
    share = round_money(amount / count, currency)
    return [share] * (count - 1) + [amount - share * (count - 1)]


def rebooking_latest_day(*, departure_at: datetime, zone: str, days: int) -> date:
    """Return the last day, at the spaceport, on which a customer may move a booking of one's own will."""
    return local_date(departure_at, zone) - timedelta(days=days)


def passenger_fixed_why(
    *,
    status: str,
    status_words: str,
    is_cancelled: bool,
    is_off: bool,
    departure_at: datetime,
    zone: str,
    days: int,
    now: datetime,
) -> str:
    """Say why a passenger's details and seat do not change any more; '' while they may, the last day included."""
    if is_off:
        return "its launch is off, and everything comes back by itself"
    if status != S.CONFIRMED:
        return f"it is {status_words}"
    if is_cancelled:
        return "this passenger is cancelled"
    latest = local_date(departure_at, zone) - timedelta(days=days)
    if local_date(now, zone) > latest:
        return f"that was possible until {latest.day} {latest:%B %Y}, {days} days before departure"
    return ""


class FreeSeat(Protocol):
    """A seat that may be chosen."""

    @property
    def row(self) -> int:
        """From the nose backwards."""

    @property
    def column(self) -> int:
        """From left to right."""

    @property
    def is_window(self) -> bool:
        """Whether it has one."""


SEAT = TypeVar("SEAT", bound=FreeSeat)


def best_seats(free: Sequence[SEAT], count: int) -> list[SEAT]:
    """
    Choose the best seats for a party: side by side in one row if possible, else in the fewest neighbouring rows.

    Among equals: more windows, then the front. Returns fewer than `count` only when fewer are free.
    """
    ordered = sorted(free, key=lambda seat: (seat.row, seat.column))
    if len(ordered) <= count:
        return ordered

    def cost(window: Sequence[SEAT]) -> tuple[int, int, int, int]:
        rows = window[-1].row - window[0].row
        gaps = sum(b.column - a.column - 1 for a, b in zip(window, window[1:], strict=False) if a.row == b.row)
        return rows, gaps, -sum(seat.is_window for seat in window), window[0].row

    windows = [ordered[start : start + count] for start in range(len(ordered) - count + 1)]
    return min(windows, key=cost)


def seats_promised(parties: Sequence[int], free: int) -> int:
    """
    Return how many of the free seats belong to those who wait; anybody may take the rest.

    Each party, first come first, reserves its seats if all of it fits into what is left; one too large reserves none
    and keeps its place.

    Args:
        parties: sizes of the waiting parties (1 or more), in order.
        free: seats that nobody holds or has bought.
    Source: domain.md, Waiting list.
    """
    left = free
    for party in parties:
        if party <= left:
            left -= party
    return free - left


def refunds_within(*, refunds: Sequence[Decimal], left: Decimal) -> list[Decimal]:
    """Cut refunds, in their order, to what is left of a booking's price: goodwill may have given some back already."""
    cut = []
    for refund in refunds:
        cut.append(min(refund, left))
        left -= cut[-1]
    return cut
