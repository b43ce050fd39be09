"""What providers tell of mails that came back, and what IT does about their addresses."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import selectors as account_selectors
from common import outbox
from common.errors import NotFound
from notifications import access, errors, events, rendering
from notifications.enums import BounceKind, NotificationStatus
from notifications.models import BouncedAddress, Notification

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
S = NotificationStatus


@transaction.atomic
def bounce_record(*, notification_id: int, address: str, kind: str, said: str, now: datetime) -> bool:
    """
    Mark a message as bounced, and its address as one that gets only what it must get; once, however often it is told.

    Args:
        notification_id: that the mail carried. address: where the provider sent it.
        kind: a BounceKind. said: the provider's words.
    Returns: whether it was a message of ours to that address; else nothing was changed.
    """
    row = Notification.objects.select_for_update(of=("self",)).filter(pk=notification_id).first()
    if row is None or row.address.lower() != address.lower():
        log.warning("A provider tells of a mail that is none of ours (message %s)", notification_id)
        return False
    words = rendering.one_line(said.encode(errors="replace").decode())[:250]  # halves of characters: no text of ours
    if row.status in (S.SENT, S.SENDING):  # a provider may be quicker than our own record
        row.status, row.lease, row.leased_until = S.BOUNCED, None, None
        row.latest_error = f"{BounceKind(kind).label}. {words}".strip()
        row.save(update_fields=["status", "lease", "leased_until", "latest_error"])
    mark, is_new = BouncedAddress.objects.get_or_create(
        address=row.address.lower(), defaults={"kind": kind, "said": words, "bounced_at": now}
    )
    if is_new:
        outbox.publish(
            events.AddressBounced(address=mark.address, kind=kind, user_id=_user_id(row), notification_id=row.pk)
        )
    return True


def _user_id(row: Notification) -> int | None:
    """Return whose address it still is; nobody is told of one that was theirs."""
    if row.receiver_id is None:
        return None
    try:
        contact = account_selectors.user_contact(row.receiver_id)
    except NotFound:
        return None
    return row.receiver_id if contact.email.lower() == row.address.lower() else None


@transaction.atomic
def address_clear(*, actor: "User", notification_id: int, now: datetime) -> Notification:
    """
    Let everything be mailed again to the address of a message that bounced; the message itself stays as it is.

    Raises: QueueForbidden, NotificationNotFound, MoveNotAllowed.
    """
    access.queue_staff_require(actor)
    row = Notification.objects.filter(pk=notification_id).first()
    if row is None:
        raise errors.NotificationNotFound
    if not BouncedAddress.objects.filter(address=row.address.lower()).delete()[0]:
        raise errors.MoveNotAllowed("Mails to this address do not bounce any more: somebody has cleared it already.")
    outbox.publish(events.AddressCleared(address=row.address.lower(), notification_id=row.pk), actor_id=actor.pk)
    return row
