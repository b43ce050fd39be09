"""What must be so once everything runs again and has settled, and the figures that say how it went."""

import contextlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone

from bookings.models import Booking
from common.models import JobRun, OutboxEvent, OutboxFailure
from documents.models import ReconciliationRun
from finance.models import SandboxCharge
from finance.services.reconciling import money_reconcile
from notifications.models import Notification
from tests.faults.load import Load
from tests.faults.site import REPAIRERS, Site
from tests.kills.soundness import money_wrong, seats_wrong


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was counted; everything that must be nought is nought after `assert_nothing_lost`."""

    bookings_acknowledged: int
    bookings_lost: int
    bookings_doubled: int
    charges: int
    mails: int
    mails_lost: int
    mails_doubled: int
    events: int
    audit_entries: int
    drift: int
    drift_repaired: int

    def lines(self) -> list[str]:
        """The table."""
        return [f"{name.replace('_', ' '):24}{value:8}" for name, value in vars(self).items()]


def figures(site: Site, load: Load) -> Figures:
    """Count."""
    booked = Counter(Booking.objects.filter(status="confirmed").values_list("reference", flat=True))
    acknowledged = Counter(sale.reference for sale in load.sales)
    rows = dict(Notification.objects.exclude(address="").values_list("message_id", "status"))
    taken = site.sink.taken()
    return Figures(
        bookings_acknowledged=len(load.sales),
        bookings_lost=sum((acknowledged - booked).values()),
        bookings_doubled=sum((booked - acknowledged).values()),
        charges=SandboxCharge.objects.filter(outcome__in=["succeeded", "lost"]).count(),
        mails=len(taken),
        mails_lost=sum(1 for message_id in rows if not taken[message_id]),
        mails_doubled=sum(count - 1 for count in taken.values()),
        events=OutboxEvent.objects.count(),
        audit_entries=_audit_entries(),
        drift=_drift(),
        drift_repaired=_drift_repaired(load.began_after),
    )


def assert_nothing_lost(found: Figures, load: Load, *, mails_cut: int) -> None:
    """
    Judge.

    Args:
        mails_cut: how many mails can have been cut between the mail server's yes and our record of it: one for each
            kill of the mail server, of a worker or of PostgreSQL, and no more.
    """
    assert load.broken == []
    assert (found.bookings_lost, found.bookings_doubled) == (0, 0)
    assert found.charges == found.bookings_acknowledged
    assert found.mails_lost == 0
    assert found.mails_doubled <= mails_cut
    assert found.audit_entries == found.events
    assert (found.drift, found.drift_repaired) == (0, 0)
    wrong = seats_wrong() + money_wrong()
    assert not wrong, "; ".join(wrong)
    run = money_reconcile(now=timezone.now() + timedelta(hours=1), is_dry_run=True, settle_s=0)
    assert not run.findings, run.findings
    assert not OutboxFailure.objects.exists()
    told = (
        Notification.objects.filter(template="booking_confirmed").values_list("facts__booking_id").annotate(Count("pk"))
    )
    assert Counter(dict(told)) == Counter(Booking.objects.values_list("pk", flat=True))
    assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}


def _audit_entries() -> int:
    """Prove that the audit trail is whole, and return how many events it tells of."""
    said = StringIO()
    call_command("verify_audit", "--json", stdout=said)
    return int(json.loads(said.getvalue())["entries"]) - 1  # the first begins the chain and tells of no event


def _drift() -> int:
    """How many documents differ; nothing is repaired."""
    with contextlib.suppress(SystemExit):  # its exit code tells the same
        call_command("reconcile", "--dry-run", "--json", stdout=StringIO())
    return ReconciliationRun.objects.latest("pk").drift


def _drift_repaired(began_after: int) -> int:
    """How many reconciliations, of documents or money, have said since the load began that they found anything."""
    assert not JobRun.objects.filter(job__in=REPAIRERS).exists()
    told = ["documents.reconciliation.drift_found", "finance.reconciliation.differences_found"]
    return OutboxEvent.objects.filter(pk__gt=began_after, name__in=told).count()
