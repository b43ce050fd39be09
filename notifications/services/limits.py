"""No more mails a minute than the provider takes, counted over all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.models import MailSlot

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Leave to send one mail; `slot_id` is nothing where there is no limit."""

    slot_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Full:
    """No mail may be sent before `free_at`."""

    free_at: datetime


def slot_take(*, now: datetime) -> Slot | Full:
    """Take leave to send one mail now, or learn when there is room again. Asks nothing where no limit is set."""
    limit: int = settings.MAIL_PER_MINUTE
    if not limit:
        return Slot()
    slots = MailSlot.objects.filter(provider=settings.MAIL_PROVIDER, number__lte=limit)
    with transaction.atomic(durable=True):
        free = slots.filter(free_at__lte=now).order_by("free_at", "number")
        row = free.select_for_update(skip_locked=True).first()
        if row is not None:
            row.free_at = now + WINDOW
            row.save(update_fields=["free_at"])
            return Slot(slot_id=row.pk)
    if slots.count() < limit:
        _slots_make(limit, now)
        return slot_take(now=now)
    latest = slots.order_by("free_at", "number").values_list("free_at", flat=True).first()
    return Full(free_at=max(latest or now, now))


def slot_give_back(*, slot: Slot, now: datetime) -> None:
    """Give leave back that was not used: nothing was due, or what was due was not mailed."""
    if slot.slot_id is not None:
        MailSlot.objects.filter(pk=slot.slot_id).update(free_at=now)


def _slots_make(limit: int, now: datetime) -> None:
    rows = [MailSlot(provider=settings.MAIL_PROVIDER, number=number, free_at=now) for number in range(1, limit + 1)]
    MailSlot.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
