"""Into the queue: what events ask for, each message once."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from notifications import errors, policies, rendering, topics
from notifications.contents import LINKED_BY_RECEIVER, Reader
from notifications.enums import NotificationStatus, Priority
from notifications.models import Notification

if TYPE_CHECKING:
    from notifications.audiences import Receiver

log = logging.getLogger(__name__)
S = NotificationStatus


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message that an event asks for. `facts` are plain values and never hold a secret."""

    template: str
    receiver: "Receiver"
    event_id: int
    request_id: str
    facts: dict[str, Any]

    @property
    def dedupe_key(self) -> str:
        """The same event tells the same receiver the same thing once, however often its handler runs."""
        to = self.receiver
        who = f"user-{to.user_id}" if to.user_id else policies.address_digest(to.address)
        return f"{self.event_id}:{self.template}:{who}"


def notifications_enqueue(*, drafts: Sequence[Draft], now: datetime) -> int:
    """
    Put messages into the queue and the inboxes, all or none; those that are there already stay as they are.

    Returns: how many were asked for. One without an address is not mailed: it counts as sent and stands in the inbox.
    """
    shown: dict[tuple[str, int, Reader], tuple[str, str]] = {}
    rows = []
    for draft in drafts:
        # Subject and link depend on how their readers are written to; only some links on who they are.
        reader = Reader(
            user_id=draft.receiver.user_id if draft.template in LINKED_BY_RECEIVER else None,
            language=draft.receiver.language,
            time_zone=draft.receiver.time_zone,
        )
        group = (draft.template, draft.event_id, reader)
        if group not in shown:
            shown[group] = _subject_and_link(draft, reader, now)
        subject, link = shown[group]
        has_address = bool(draft.receiver.address)
        rows.append(
            Notification(
                template=draft.template,
                dedupe_key=draft.dedupe_key,
                receiver_id=draft.receiver.user_id,
                address=draft.receiver.address,
                subject=subject,
                facts=draft.facts,
                link=link,
                priority=Priority.URGENT if topics.is_urgent(draft.template) else Priority.USUAL,
                status=S.PENDING if has_address else S.SENT,
                due_at=now,
                give_up_at=now + policies.GIVE_UP_AFTER,
                sent_at=None if has_address else now,
                latest_error="" if has_address else "No address: it is in the inbox only.",
                message_id=rendering.message_id_for(hashlib.sha256(draft.dedupe_key.encode()).hexdigest()[:40]),
                request_id=draft.request_id,
                created_at=now,
            )
        )
    # Sorted, so that two workers that enqueue the same rows at once wait for each other in one order.
    rows.sort(key=lambda row: row.dedupe_key)
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def _subject_and_link(draft: Draft, reader: Reader, now: datetime) -> tuple[str, str]:
    try:
        return rendering.subject_and_link(template=draft.template, facts=draft.facts, reader=reader, now=now)
    except errors.NoLongerApplies as reason:
        log.info("%s does not apply any more: %s", draft.template, reason.message)
    except Exception:  # a broken template must not keep a message out of the queue; sending tries again
        log.exception("The subject of %s cannot be rendered", draft.template)
    return draft.template.removeprefix("staff_").replace("_", " ").capitalize(), ""
