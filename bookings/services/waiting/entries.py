"""How an entry of a list changes; each needs a transaction and the list's lock."""

from collections.abc import Callable
from datetime import datetime

from bookings import errors, events, policies, selectors
from bookings.enums import WaitingStatus
from bookings.locks import hold_lock
from bookings.models import WaitingEntry
from bookings.services.expiry import hold_end
from common import outbox

_EVENT_OF: dict[str, Callable[..., outbox.Event]] = {
    WaitingStatus.ACCEPTED: events.WaitingAccepted,
    WaitingStatus.DECLINED: events.WaitingDeclined,
    WaitingStatus.LAPSED: events.WaitingLapsed,
    WaitingStatus.LEFT: events.WaitingLeft,
}


def offer_end(entry: WaitingEntry, status: str, now: datetime, *, actor_id: int | None = None) -> None:
    """End an offer: its seats are free, its entry moves on."""
    offered_seats_free(entry, now)
    entry_move(entry, status, now, actor_id=actor_id)


def answer_record(entry: WaitingEntry, now: datetime) -> str:
    """Write down what became of an offer by the clock, or by what was done with its seats; return how it stands."""
    status = selectors.waiting_status(entry=entry, now=now)
    if status == entry.status:
        return status
    if status == WaitingStatus.LAPSED:
        offer_end(entry, status, now)
    else:
        entry_move(entry, status, now)
    return status


def offered_seats_free(entry: WaitingEntry, now: datetime) -> None:
    """Give the seats that an entry was offered back, if they are still held."""
    if entry.hold_id is not None:
        hold_end(hold=hold_lock(hold_id=entry.hold_id, customer_id=entry.customer_id), now=now)


def entry_close(entry: WaitingEntry, reason: str, now: datetime) -> None:
    """End the waiting from our side and say why: `launch` sells no more, or `limit` is reached."""
    status_write(entry, WaitingStatus.CLOSED, now)
    outbox.publish(events.WaitingClosed(**values_of(entry), reason=reason))


def entry_move(entry: WaitingEntry, status: str, now: datetime, *, actor_id: int | None = None) -> None:
    """Write what became of an entry, and tell it."""
    status_write(entry, status, now)
    outbox.publish(_EVENT_OF[status](**values_of(entry)), actor_id=actor_id)


def status_write(entry: WaitingEntry, status: str, now: datetime) -> None:
    """Write an entry's status. Raises: WaitingNotWaiting when the table of moves does not allow it."""
    if status not in policies.WAITING_MOVES[entry.status]:
        raise errors.WaitingNotWaiting(status=entry.get_status_display().lower())
    entry.status = status
    entry.ended_at = None if status == WaitingStatus.OFFERED else now
    entry.save(update_fields=["status", "ended_at"])


def values_of(entry: WaitingEntry) -> dict[str, int]:
    """Return what every event of an entry says."""
    return {
        "entry_id": entry.pk,
        "launch_id": entry.launch_id,
        "customer_id": entry.customer_id,
        "party": entry.party,
    }
