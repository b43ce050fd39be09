"""Numbers of legal documents that nothing bears any more: each is named, and none is given again."""

from itertools import count

import pytest

from finance.models import Invoice, InvoiceSeries
from finance.services.numbering import number_draw
from tests.factories import NOW, LaunchFactory
from tests.finance.reconciling import reconcile

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    """Issue a document of a series and year under the next number."""
    launch = LaunchFactory()
    events = count(1)

    def one(series, year):
        return Invoice.objects.create(
            kind="customer", series=series, year=year, number=number_draw(series=series, year=year), launch=launch,
            supplier=launch.supplier, event_id=next(events), amount=1, currency="USD", lines=[], issued_on=NOW.date(),
            due_on=NOW.date(),
        )  # fmt: skip

    return one


def named(run) -> list[tuple[str, str]]:
    assert {one["class"] for one in run.findings} <= {"number_missing"}
    return [(one["subject"], one["expected"]) for one in run.findings]


def test_series_whose_numbers_all_have_their_document_are_left_alone(issue):
    for series, year in [("C", 2026), ("C", 2026), ("CN", 2026), ("C", 2027)]:
        issue(series, year)

    assert named(reconcile()) == []


def test_each_number_that_is_missing_is_named_with_its_series_and_year(issue):
    made = [issue("C", 2026) for _ in range(9)] + [issue("CN", 2027) for _ in range(2)] + [issue("CN", 2026)]
    for lost in (0, 3, 4, 5, 8, 10):
        made[lost].delete()

    run = reconcile()

    assert named(run) == [
        ("series C of 2026", "C-2026-000001"),
        ("series C of 2026", "C-2026-000004 to C-2026-000006, 3 in all"),
        ("series C of 2026", "C-2026-000009"),
        ("series CN of 2027", "CN-2027-000002"),
    ]
    assert (run.found, run.repaired) == (4, 0)


def test_a_series_that_lost_all_its_documents_is_one_gap_and_no_number_comes_back(issue):
    issue("S", 2026).delete()
    issue("S", 2026).delete()

    assert named(reconcile()) == [("series S of 2026", "S-2026-000001 to S-2026-000002, 2 in all")]
    assert InvoiceSeries.objects.get().latest_number == 2
    assert issue("S", 2026).number == 3
