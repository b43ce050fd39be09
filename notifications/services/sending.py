"""
Out of the queue: claim, render, send, record.

A message is claimed in one short transaction, rendered and sent outside any, and its outcome recorded in another. A
worker killed in between leaves it `sending`; when the lease ends it is sent again, with the same Message-ID. So a mail
is sent at least once, and twice only if the worker died between the mail server's yes and our record of it.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, OuterRef

from notifications import audiences, catalogue, errors, policies, rendering, selectors, topics
from notifications.enums import OPEN, NotificationStatus, Obstacle
from notifications.models import Notification
from notifications.services.limits import Full, Slot, slot_give_back, slot_take
from notifications.services.refusals import is_refused_for_good, is_server_away
from notifications.services.wordings import wording_mark_broken

log = logging.getLogger(__name__)
S = NotificationStatus


@dataclass(kw_only=True)
class Outcome:
    """
    What one round of sending did.

    `is_server_away` says that going on would be in vain, `limited_until` that the provider takes no more before then.
    """

    sent: int = 0
    cancelled: int = 0
    postponed: int = 0
    failed: int = 0
    unwanted: int = 0
    is_server_away: bool = False
    limited_until: datetime | None = None

    @property
    def handled(self) -> int:
        """How many messages were taken up."""
        return self.sent + self.cancelled + self.postponed + self.failed + self.unwanted


def notifications_send_due(*, now: datetime, limit: int) -> Outcome:
    """
    Send up to `limit` due messages, urgent ones first, then the oldest due; any number of processes may do so at once.
    Messages to one address go in the order they were enqueued in.

    Each is claimed alone, so a killed process leaves at most one behind. Opens its own transactions, and must not be
    called within one.
    """
    outcome = Outcome()
    started = time.monotonic()
    connection: BaseEmailBackend = get_connection()
    try:
        while outcome.handled < limit and not outcome.is_server_away:
            present = now + timedelta(seconds=time.monotonic() - started)
            # Leave to send comes first: a message that has to wait for it is not claimed, and loses no attempt.
            slot = slot_take(now=present)
            if isinstance(slot, Full):
                outcome.limited_until = slot.free_at
                break
            row = _claim(now=present)
            if row is None:
                slot_give_back(slot=slot, now=present)
                break
            _deliver(row, slot=slot, connection=connection, now=present, outcome=outcome)
    finally:
        _close(connection)
    return outcome


@transaction.atomic(durable=True)
def _claim(*, now: datetime) -> Notification | None:
    due = Notification.objects.filter(status__in=OPEN, due_at__lte=now).order_by("priority", "due_at", "id")
    row = due.exclude(_earlier_to_the_same()).select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    row.status = S.SENDING
    row.lease = uuid.uuid4()
    row.leased_until = row.due_at = now + policies.LEASE
    row.attempts += 1
    row.save(update_fields=["status", "lease", "leased_until", "due_at", "attempts"])
    return row


def _earlier_to_the_same() -> Exists:
    """
    Whether an earlier message to the same address, as urgent, is not out yet: whoever reads them, reads them in order.

    One that cannot be made holds up nobody. Rows that another worker is about to claim count too, for they are locked
    and still look as they were.
    """
    earlier = Notification.objects.filter(
        status__in=OPEN, address=OuterRef("address"), priority=OuterRef("priority"), pk__lt=OuterRef("pk")
    )
    return Exists(earlier.exclude(obstacle=Obstacle.WORDS))


def _deliver(row: Notification, *, slot: Slot, connection: BaseEmailBackend, now: datetime, outcome: Outcome) -> None:
    try:
        _receiver_check(row)
        mail = rendering.message_build(row=row, now=now, on_broken=partial(_words_broke, now))
    except errors.NoLongerApplies as reason:
        slot_give_back(slot=slot, now=now)
        outcome.cancelled += 1
        _record(row, status=S.CANCELLED, latest_error=reason.message)
        return
    except Exception as error:
        log.exception("Message %s cannot be rendered", row.pk)
        slot_give_back(slot=slot, now=now)
        _postpone(row, error=error, obstacle=Obstacle.WORDS, now=now, outcome=outcome)
        return
    if why := _why_not_mailed(row):
        slot_give_back(slot=slot, now=now)
        outcome.unwanted += 1
        _record_unwanted(row, why, subject=str(mail.subject), now=now)
        return
    try:
        connection.open()
        connection.send_messages([mail])
    except Exception as error:  # noqa: BLE001 - whatever the provider throws, the message waits
        _close(connection)
        if is_refused_for_good(error):
            outcome.failed += 1
            log.warning("Message %s was refused: %s", row.pk, type(error).__name__)
            _record(row, status=S.FAILED, latest_error=_said(error))
            return
        outcome.is_server_away = is_server_away(error)
        log.warning("Message %s was not sent: %s", row.pk, type(error).__name__)
        obstacle = Obstacle.SERVER if outcome.is_server_away else Obstacle.RECEIVER
        _postpone(row, error=error, obstacle=obstacle, now=now, outcome=outcome)
        return
    if not outcome.sent:
        _server_is_back(now)
    outcome.sent += 1
    _record(row, status=S.SENT, subject=mail.subject, sent_at=now, latest_error="")
    log.info("Message %s (%s) was sent", row.pk, row.template)


def _receiver_check(row: Notification) -> None:
    """
    Let a message pass that its receiver may still read: it names people, and may have waited for days.

    Raises: NoLongerApplies.
    """
    if row.receiver is None:
        return
    if not row.receiver.is_active:
        raise errors.NoLongerApplies("The account is closed.")
    rule = catalogue.rule_of(event=row.facts.get("event", ""), template=row.template)
    if rule and not audiences.is_still_theirs(rule.to, user=row.receiver):
        raise errors.NoLongerApplies("The receiver's role has changed.")


def _why_not_mailed(row: Notification) -> str:
    """Say what keeps a message out of the mail, '' for nothing: chosen or known now, not when it was enqueued."""
    topic = topics.optional_topic(row.template)
    if topic is None:
        return ""
    if selectors.is_opted_out(user_id=row.receiver_id, address=row.address, topic=topic.code):
        return f"{topic.words().label} is switched off" + ("" if row.receiver_id else " by whoever reads this address")
    return f"mails to {row.address} come back" if selectors.is_bounced(address=row.address) else ""


def _record_unwanted(row: Notification, why: str, *, subject: str, now: datetime) -> None:
    """Say that it is in the inbox; where there is none, nobody is told."""
    if row.receiver_id is None:
        _record(row, status=S.CANCELLED, subject=subject, latest_error=f"Not mailed: {why}.")
    else:
        said = f"Not mailed: {why}. It is in the inbox."
        _record(row, status=S.SENT, subject=subject, sent_at=now, address="", latest_error=said)


def _words_broke(now: datetime, wording_id: int, error: str) -> None:
    wording_mark_broken(wording_id=wording_id, error=error, now=now)


def _server_is_back(now: datetime) -> None:
    """Make due what waits for a server that was away: it takes mails again, and pauses had grown."""
    waiting = Notification.objects.filter(status=S.PENDING, obstacle=Obstacle.SERVER, due_at__gt=now)
    waiting.update(due_at=now, obstacle=Obstacle.NONE)


def _postpone(row: Notification, *, error: Exception, obstacle: Obstacle, now: datetime, outcome: Outcome) -> None:
    due_at = policies.next_attempt_at(now=now, attempts=row.attempts, give_up_at=row.give_up_at)
    if due_at is None:
        outcome.failed += 1
        _record(row, status=S.FAILED, latest_error=_said(error))
    else:
        outcome.postponed += 1
        _record(row, status=S.PENDING, due_at=due_at, obstacle=obstacle, latest_error=_said(error))


def _record(row: Notification, **changes: Any) -> None:
    """Write the outcome of the attempt that holds the lease; an attempt that took too long has nothing to say."""
    held = Notification.objects.filter(pk=row.pk, lease=row.lease, status=S.SENDING)
    if not held.update(lease=None, leased_until=None, **changes):
        log.warning("Message %s was taken up again by somebody else: the attempt took too long", row.pk)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except Exception as error:  # noqa: BLE001 - the mails are out, or postponed, already
        log.warning("The connection to the mail server did not close: %s", type(error).__name__)


def _said(error: Exception) -> str:
    return rendering.one_line(f"{type(error).__name__}: {error}")[:500]
