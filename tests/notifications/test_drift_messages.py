"""IT hears of drift: what is repaired by a mail that may be switched off, what is not by one that may not."""

import pytest

from notifications import handlers, services
from notifications.models import Notification
from tests.notifications.builders import NOW, event
from tests.notifications.mails import mail_to, send
from tests.notifications.told import told

pytestmark = pytest.mark.django_db


def drift(*, failed: int = 0, is_whole: bool = True):
    figures = {"missing": 1, "stale": 2, "orphaned": 0, "repaired": 3 - failed, "failed": failed}
    return event("documents.reconciliation.drift_found", run_id=7, is_whole=is_whole, **figures)


def test_what_is_repaired_is_told_with_its_figures_and_the_run(it, settings):
    found = told(drift(), "staff_drift_found")

    assert (found.to, found.subject) == ([it.email], "Reconciliation found differences")
    assert "Missing: 1\nStale: 2\nOrphaned: 0\nRepaired: 3\nFailed: 0\n" in found.body
    assert f"{settings.SITE_URL}/employee/reconciliation/7/" in found.body
    assert "did not come to its end" not in found.body


def test_what_could_not_be_repaired_asks_for_somebody(it, settings):
    found = told(drift(failed=1), "staff_drift_left")

    assert (found.to, found.subject) == ([it.email], "Reconciliation could not repair everything")
    assert "Repaired: 2\nFailed: 1\n" in found.body
    assert "What failed needs you" in found.body
    assert f"{settings.SITE_URL}/employee/reconciliation/7/" in found.body


@pytest.mark.parametrize("failed", [0, 1])
def test_a_run_that_did_not_come_to_its_end_says_so(it, failed):
    found = told(drift(failed=failed, is_whole=False), "staff_drift_left" if failed else "staff_drift_found")

    assert "The run did not come to its end; what it had not reached is left to the next full one." in found.body


def test_what_could_not_be_repaired_cannot_be_switched_off(it):
    services.preferences_change(user=it, off=["repairs"], now=NOW)

    handlers.event_tell(drift())
    handlers.event_tell(event("documents.reconciliation.drift_found", id=2, **dict(drift(failed=1).payload)))
    send()

    assert [mail.subject for mail in mail_to(it.email)] == ["Reconciliation could not repair everything"]
    assert sorted(Notification.objects.values_list("template", flat=True)) == ["staff_drift_found", "staff_drift_left"]
