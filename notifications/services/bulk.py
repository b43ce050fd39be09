"""What IT does to many messages at once: the same moves as to single ones, each published for the audit trail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.errors import DomainError, InvalidInput
from notifications import access, selectors
from notifications.services.moves import notification_cancel, notification_mark_sent, notification_retry

if TYPE_CHECKING:
    from accounts.models import User

# So many at one click: each is a transaction of its own, and a page should come back within seconds.
LIMIT = 500
_MOVES: dict[str, Callable[..., Any]] = {
    "retry": notification_retry,
    "cancel": notification_cancel,
    "mark-sent": notification_mark_sent,
}


@dataclass(frozen=True, kw_only=True)
class BulkOutcome:
    """How many messages were moved, how many could not be any more, and how many are still to do."""

    done: int
    refused: int
    left: int


def notifications_move(
    *,
    actor: "User",
    move: str,
    status: str = "",
    text: str = "",
    ids: Sequence[int] | None = None,
    now: datetime,
    reason: str = "",
) -> BulkOutcome:
    """
    Retry, cancel or mark as sent (`move`) the messages that a search finds, or those named, oldest first.

    No more than 500 at once: `left` says how many are still to do. The caller wakes the worker after a retry.

    Raises: QueueForbidden, InvalidInput for an unknown move.
    """
    access.queue_staff_require(actor)
    if move not in _MOVES:
        raise InvalidInput(fields={"move": f"Choose one of: {', '.join(_MOVES)}."})
    wanted: dict[str, Any] = {"actor": actor, "move": move, "status": status, "text": text, "ids": ids}
    done = refused = 0
    for pk in selectors.queue_movable_ids(**wanted, limit=LIMIT):
        try:
            _MOVES[move](actor=actor, notification_id=pk, now=now, reason=reason)
            done += 1
        except DomainError:  # sent or taken up meanwhile
            refused += 1
    left = selectors.queue_movable_count(**wanted).movable if done + refused == LIMIT else 0
    return BulkOutcome(done=done, refused=refused, left=left)
