"""
A worker that is killed at every step between claim, send and record of a mail.

Each statement, both sides of each commit, of each line to the mail server and of each of its answers is a step. Nothing
is ever lost; a mail comes twice only where the mail server had taken it and our record of that was not yet committed.
"""

import smtplib
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from notifications import services
from notifications.models import Notification
from tests import steps
from tests.faults.until import until
from tests.notifications.builders import NOW, make_row, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

SMTP = [(smtplib.SMTP, name) for name in ("connect", "send", "getreply")]
LATER = NOW + timedelta(hours=1)


def send_all(now=NOW):
    return services.notifications_send_due(now=now, limit=10)


def test_no_mail_is_lost_and_twice_comes_only_what_was_taken_and_not_recorded(sink, record_property):
    readers = [make_user(f"reader{number}@example.org") for number in (1, 2)]
    send_all()
    killed, doubled, where = 0, 0, Counter()

    for number in count(1):
        sink.mails.clear()
        Notification.objects.all().delete()
        rows = [make_row(n, receiver=reader, address=reader.email) for n, reader in enumerate(readers, start=1)]
        if not steps.killed_at(number, send_all, calls=SMTP):
            break
        until(lambda: not sink.callers, "the mail server has noticed the end of the worker")
        killed += 1
        taken = {mail["Message-ID"] for mail in sink.mails}
        recorded = set(Notification.objects.filter(status="sent").values_list("message_id", flat=True))
        where["mail server had it, no record"] += len(taken - recorded)
        where["claimed, not yet taken"] += (
            Notification.objects.filter(status="sending").exclude(message_id__in=taken).count()
        )
        assert recorded <= taken

        send_all(now=LATER)

        copies = Counter(mail["Message-ID"] for mail in sink.mails)
        assert copies == {row.message_id: 2 if row.message_id in taken - recorded else 1 for row in rows}
        assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}
        doubled += copies.total() - len(rows)

    assert len(sink.mails) == len(rows)
    assert where["claimed, not yet taken"] > 0
    assert doubled == where["mail server had it, no record"] > 0
    record_property(
        "table", f"killed at {killed} steps, {2 * killed} mails: lost 0, twice {doubled} (taken, and not yet recorded)"
    )
