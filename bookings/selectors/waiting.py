"""Who waits for seats of which launch, and how long the lists are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from bookings import access, errors, policies, statements
from bookings.enums import WAITING, HoldStatus, WaitingStatus
from bookings.models import SeatClaim, WaitingEntry
from bookings.selectors.people import seat_limit
from bookings.selectors.seats import parties_waiting, seats_of_customer
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class WaitingView:
    """
    An entry as its customer sees it at an instant.

    status: the entry's, but an offer whose time ran out counts as lapsed before anybody writes that down, and one whose
        seats are being paid counts as accepted. position: parties before it, 0 for the first; None when it does not
        wait. seats: labels of the offered seats.
    """

    entry: WaitingEntry
    status: WaitingStatus
    position: int | None
    seats: tuple[str, ...]

    @property
    def is_offered(self) -> bool:
        """Whether seats wait for the customer's answer."""
        return self.status == WaitingStatus.OFFERED

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for seats."""
        return self.status == WaitingStatus.WAITING

    @property
    def can_go_on(self) -> bool:
        """Whether accepted seats still wait to be paid."""
        hold = self.entry.hold
        return self.status == WaitingStatus.ACCEPTED and hold is not None and hold.status in _UNPAID


_UNPAID = (HoldStatus.OPEN, HoldStatus.USED)


def waiting_status(*, entry: WaitingEntry, now: datetime) -> WaitingStatus:
    """Say how an entry stands by the clock and by what became of its hold."""
    if entry.status != WaitingStatus.OFFERED or entry.hold is None:
        return WaitingStatus(entry.status)
    if entry.hold.status == HoldStatus.RELEASED:
        return WaitingStatus.DECLINED
    if entry.hold.status == HoldStatus.SOLD:
        return WaitingStatus.ACCEPTED
    if entry.hold.status == HoldStatus.EXPIRED or entry.hold.expires_at <= now:
        return WaitingStatus.LAPSED
    return WaitingStatus.ACCEPTED if entry.hold.status == HoldStatus.USED else WaitingStatus.OFFERED


def waiting_get(*, customer: "User", entry_id: int, now: datetime) -> WaitingView:
    """Return a customer's entry in any state. Raises: WaitingNotFound. Three queries."""
    entry = _entries().filter(pk=entry_id, customer=customer).first()
    if entry is None:
        raise errors.WaitingNotFound
    return _view(entry, _position(entry), now)


def waiting_now(*, entry_id: int, now: datetime) -> WaitingView:
    """Return an entry for messages about it, which show it to its customer only. Raises: WaitingNotFound."""
    entry = _entries().filter(pk=entry_id).first()
    if entry is None:
        raise errors.WaitingNotFound
    return _view(entry, _position(entry), now)


def waiting_list_for_customer(*, customer: "User", now: datetime, launch_id: int | None = None) -> list[WaitingView]:
    """Return the entries that wait or have an offer, the oldest first. At most three queries, however many."""
    rows = _entries().filter(customer=customer, status__in=WAITING)
    if launch_id is not None:
        rows = rows.filter(launch_id=launch_id)
    entries = list(rows.order_by("pk"))
    positions = _positions([one for one in entries if one.status == WaitingStatus.WAITING])
    return [_view(entry, positions.get(entry.pk, 0), now) for entry in entries]


def _entries() -> QuerySet[WaitingEntry]:
    seats = SeatClaim.objects.select_related("launch_seat").order_by("launch_seat__row", "launch_seat__column", "pk")
    return WaitingEntry.objects.select_related(
        "hold", "launch__supplier", "launch__rocket", "launch__destination", "launch__spaceport"
    ).prefetch_related(Prefetch("hold__claims", seats))


def _view(entry: WaitingEntry, position: int, now: datetime) -> WaitingView:
    status = waiting_status(entry=entry, now=now)
    has_seats = entry.hold is not None and status in (WaitingStatus.OFFERED, WaitingStatus.ACCEPTED)
    return WaitingView(
        entry=entry,
        status=status,
        position=position if status == WaitingStatus.WAITING else None,
        seats=tuple(claim.launch_seat.label for claim in entry.hold.claims.all()) if entry.hold and has_seats else (),
    )


def _position(entry: WaitingEntry) -> int:
    if entry.status != WaitingStatus.WAITING:
        return 0
    return WaitingEntry.objects.filter(launch_id=entry.launch_id, status=WaitingStatus.WAITING, pk__lt=entry.pk).count()


def _positions(entries: Collection[WaitingEntry]) -> dict[int, int]:
    """Count who stands before each; in one query."""
    if not entries:
        return {}
    waiting = WaitingEntry.objects.filter(status=WaitingStatus.WAITING)
    before = {f"n{one.pk}": Count("pk", filter=Q(launch_id=one.launch_id, pk__lt=one.pk)) for one in entries}
    counted = waiting.filter(launch_id__in={one.launch_id for one in entries}).aggregate(**before)
    return {one.pk: counted[f"n{one.pk}"] for one in entries}


def waiting_first_due(*, launch_id: int, now: datetime, passing_over: Collection[int] = ()) -> int | None:
    """
    Return the first entry whose whole party fits into the free seats that those before it leave; None without any.

    Args:
        passing_over: entries that cannot be served just now; they keep their seats.
    """
    rows = WaitingEntry.objects.filter(launch_id=launch_id, status=WaitingStatus.WAITING).order_by("pk")
    parties = list(rows.values_list("pk", "party"))
    left = len(statements.seats_free(launch_id=launch_id, now=now)) if parties else 0
    for entry_id, party in parties:
        if party > left:
            continue
        if entry_id not in passing_over:
            return entry_id
        left -= party
    return None


def launch_ids_waited_for(*, after: int, limit: int) -> list[int]:
    """Return launches with entries that wait or have an offer, by id, beyond `after`; for the job."""
    rows = WaitingEntry.objects.filter(status__in=WAITING, launch_id__gt=after).order_by("launch_id")
    return list(rows.values_list("launch_id", flat=True).distinct()[:limit])


@dataclass(frozen=True, kw_only=True)
class WaitingChance:
    """
    What somebody who looks at a launch may expect.

    seats_open: free for this reader; those promised to others who wait are not among them. entry: the reader's own.
    """

    seats_open: int
    entry: WaitingView | None


def waiting_chance(*, launch_id: int, customer: "User | None", free: int, now: datetime) -> WaitingChance:
    """
    Say how many of the `free` seats a customer, or a stranger (None), can have. At most four queries.
    """
    own = waiting_list_for_customer(customer=customer, now=now, launch_id=launch_id) if customer is not None else []
    parties = parties_waiting(launch_id=launch_id, except_customer_id=customer.pk if customer is not None else 0)
    return WaitingChance(seats_open=free - policies.seats_promised(parties, free), entry=own[0] if own else None)


def seats_open(*, customer: "User", launch_id: int, now: datetime) -> int:
    """Count the free seats that a customer can simply book."""
    free = len(statements.seats_free(launch_id=launch_id, now=now))
    parties = parties_waiting(launch_id=launch_id, except_customer_id=customer.pk)
    return free - policies.seats_promised(parties, free)


def waiting_room(*, customer: "User", launch_id: int, now: datetime) -> int:
    """Return how many more seats of a launch the customer may have."""
    has = seats_of_customer(customer_id=customer.pk, launch_id=launch_id, now=now)
    return max(seat_limit(customer=customer, launch_id=launch_id) - has, 0)


@dataclass(frozen=True, kw_only=True)
class WaitingLength:
    """How long a launch's waiting list is: parties and the seats they want, and how many have an offer."""

    parties: int
    seats: int
    offered: int


def waiting_length_for_supplier(*, actor: "User", launch_id: int) -> WaitingLength:
    """Measure the list of a launch of the actor's supplier, without names. Raises: LaunchNotFound."""
    launch_selectors.launch_get_for_supplier(actor=actor, launch_id=launch_id)
    return _length(launch_id)


def waiting_length_for_employee(*, actor: "User", launch_id: int) -> WaitingLength:
    """Measure the list of any launch. Raises: Forbidden."""
    access.employee_check(actor)
    return _length(launch_id)


def _length(launch_id: int) -> WaitingLength:
    waiting = Q(status=WaitingStatus.WAITING)
    counted = WaitingEntry.objects.filter(launch_id=launch_id, status__in=WAITING).aggregate(
        parties=Count("pk", filter=waiting),
        seats=Sum("party", filter=waiting),
        offered=Count("pk", filter=Q(status=WaitingStatus.OFFERED)),
    )
    return WaitingLength(parties=counted["parties"], seats=counted["seats"] or 0, offered=counted["offered"])
