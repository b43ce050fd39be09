"""Log lines are kept ninety days, also by a store that does not expire them itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import mongo, tasks
from documents.repositories import RequestLog, SystemLog, journals
from tests.documents.builders import NOW, make_log

pytestmark = pytest.mark.usefixtures("stores")


def test_old_lines_are_forgotten_in_portions_and_younger_ones_kept(monkeypatch):
    monkeypatch.setattr(journals, "_FORGOTTEN_AT_ONCE", 3)
    portions = []
    delete = mongo.Documents.delete_all

    def counted(documents, where):
        portions.append(delete(documents, where))
        return portions[-1]

    monkeypatch.setattr(mongo.Documents, "delete_all", counted)
    SystemLog.add_many([make_log(second) for second in range(12)])
    SystemLog.add_many([make_log(-90_000), make_log(-40 * 86_400)])

    assert SystemLog.forget_before(NOW + timedelta(seconds=10), back=timedelta(days=2)) == 12

    assert max(portions) <= 3
    left = SystemLog.search(day_from=NOW.date(), day_to=NOW.date())
    assert sorted(line.at for line in left) == [make_log(10).at, make_log(11).at]


def test_job_forgets_lines_of_more_than_ninety_days(monkeypatch):
    now = timezone.now()
    ages = (91, 89)  # days; the store's own index would have removed the first within a minute
    lines = [make_log(0, key=f"{age}", at=now - timedelta(days=age)) for age in ages]
    SystemLog.add_many(lines)
    for line in lines:
        RequestLog.add([line])

    tasks.logs_forget()

    assert [pack["key"][:2] for pack in RequestLog._documents().find({}, sort=[("key", 1)])] == ["89"]

    assert [line["key"] for line in SystemLog._documents().find({}, sort=[("key", 1)])] == ["89"]
