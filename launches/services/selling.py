"""Locks for those who sell a launch's seats; see launches.locks, Note [Three strengths of locks on a launch]."""

from collections.abc import Collection

from common.postgres.statements import Question
from launches import locks
from launches.enums import ON_SALE, SupplierStatus
from launches.models import LaunchSeat
from launches.selectors import LaunchBrief


def launch_share_lock(*, launch_id: int) -> LaunchBrief:
    """
    Keep a launch as it is until the transaction ends, and say what it is.

    Any number of sellers may hold it at once; whoever changes the launch waits for them. Needs a transaction.
    Raises: LaunchNotFound, Busy.
    """
    return _brief(launch_id, locks.launch_share_lock(launch_id=launch_id))


def launch_sharing(*, launch_id: int) -> Question[LaunchBrief]:
    """
    Ask as `launch_share_lock`, in one trip with other questions.

    Raises: LaunchNotFound, also when it is read; OperationalError, not yet Busy, when the wait is too long.
    """
    question = locks.launch_sharing(launch_id=launch_id)
    return Question(question.statement, question.values, lambda found: _brief(launch_id, question.read(found)))


def _brief(launch_id: int, terms: locks.LaunchTerms) -> LaunchBrief:
    return LaunchBrief(
        id=launch_id,
        supplier_id=terms.supplier_id,
        status=terms.status,
        is_on_sale=terms.status in ON_SALE and terms.supplier_status == SupplierStatus.APPROVED,
        departure_at=terms.departure_at,
        departure_precision=terms.departure_precision,
        time_zone=terms.time_zone,
        price_amount=terms.price_amount,
        price_currency=terms.price_currency,
        policy_tiers=terms.policy_tiers,
        version=terms.version,
    )


def launch_seats_lock(*, launch_id: int, seat_ids: Collection[int], skip_locked: bool = False) -> list[LaunchSeat]:
    """
    Lock seats of a launch, in the order of their ids, until the transaction ends; needs one.

    Returns: the seats, fewer than asked for when some are not of this launch or, with `skip_locked`, are locked by
        somebody else. Withdrawn ones are among them: look at `is_blocked`.
    Raises: Busy.
    """
    return locks.launch_seats_lock(launch_id=launch_id, seat_ids=seat_ids, skip_locked=skip_locked)
