"""Letting the site come to rest after the load, in its own time or in a hurry."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from common import outbox_state
from common.models import OutboxFailure, OutboxPosition
from notifications.enums import OPEN
from notifications.models import Notification
from tests.faults.site import Site
from tests.faults.until import until

GIVE_UP_AFTER_S = 900  # a mail that was being sent waits three minutes for its lease, then for the next sweep


def settle(site: Site, *, is_hurried: bool) -> float:
    """
    Wait until every event is delivered and every mail sent; return the seconds it took.

    Args:
        is_hurried: end the pauses at once: leases of the dead, rests of consumers, waits of mails, the minute of the
            sweeps. What is done is the same, only earlier.
    """
    if is_hurried:
        _hurry()
    return until(lambda: _is_settled(site), "everything is delivered and sent", within_s=GIVE_UP_AFTER_S)


def leases_end() -> None:
    """End the wait for consumers whose worker died; one that lives loses nothing but its turn."""
    OutboxPosition.objects.update(leased_until=Now())


def _hurry() -> None:
    leases_end()
    OutboxPosition.objects.update(retry_at=None)
    Notification.objects.filter(status__in=OPEN).update(due_at=Now() - timedelta(seconds=1))
    for sweep in ("common.tasks.outbox_sweep", "notifications.tasks.send_due"):
        with transaction.atomic():
            async_task(sweep, q_options={"save": False})


def _is_settled(site: Site) -> bool:
    site.keep()
    waiting = sum(state.waiting for state in outbox_state.consumer_states())
    failing = OutboxFailure.objects.filter(parked_at=None).exists()
    return not waiting and not failing and not Notification.objects.filter(status__in=OPEN).exists()
