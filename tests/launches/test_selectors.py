"""Reads: the catalogue narrows as asked, shows nothing it should not, and costs the same however much there is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from launches import errors, selectors, services
from launches.models import Launch
from launches.selectors import CatalogueFilters
from tests.launches.conftest import DEPARTURE, NOW

pytestmark = pytest.mark.django_db


def found(**filters) -> list[str]:
    rows = selectors.catalogue(filters=CatalogueFilters(**filters), now=NOW).order_by(*selectors.SORTS["departure"])
    return [launch.mission_name for launch in rows]


@pytest.fixture
def three(make_launch, supplier):
    far = services.rocket_create(actor=None, supplier_id=supplier.pk, name="Starship", range="moon", seats=8)
    make_launch(mission_name="Near", price_amount=Decimal(100))
    make_launch(mission_name="Station", rocket_id=far.pk, departure_at=DEPARTURE + timedelta(days=10),
                destination_id=selectors.destination_get(code="iss").pk, price_amount=Decimal(200))  # fmt: skip
    make_launch(mission_name="Luna", rocket_id=far.pk, departure_at=DEPARTURE + timedelta(days=20),
                destination_id=selectors.destination_get(code="moon").pk, price_amount=Decimal(300),
                spaceport_id=selectors.spaceport_get(code="starbase").pk)  # fmt: skip


FILTERS = {
    "none": ({}, ["Near", "Station", "Luna"]),
    "rocket": ({"text": "starSHIP"}, ["Station", "Luna"]),
    "two words": ({"text": "starship moon"}, ["Luna"]),
    "no such": ({"text": "100%_"}, []),
    "nul": ({"text": "\0"}, ["Near", "Station", "Luna"]),
    "destination": ({"destination": "iss"}, ["Station"]),
    "spaceport": ({"spaceport": "starbase"}, ["Luna"]),
    "supplier": ({"supplier": "blue-carriers"}, ["Near", "Station", "Luna"]),
    "unknown supplier": ({"supplier": "nobody"}, []),
    "range": ({"range": "suborbital"}, ["Near"]),
    "from": ({"date_from": date(2027, 3, 15)}, ["Station", "Luna"]),
    "to, inclusive": ({"date_to": date(2027, 3, 14)}, ["Near"]),
    "to the end of time": ({"date_to": date.max}, ["Near", "Station", "Luna"]),
    "price": ({"price_max": Decimal(200)}, ["Near", "Station"]),
    "price of nothing": ({"price_max": Decimal("NaN")}, ["Near", "Station", "Luna"]),
}


@pytest.mark.parametrize(("filters", "names"), FILTERS.values(), ids=FILTERS)
def test_catalogue_narrows(three, filters, names):
    assert found(**filters) == names


@pytest.mark.parametrize("status", ["draft", "aborted", "launched", "failed"])
def test_catalogue_holds_only_what_is_on_sale(make_launch, status):
    make_launch(status)

    assert found() == []


def test_catalogue_drops_the_departed_and_the_suspended(make_launch, supplier):
    make_launch(departure_at=NOW + timedelta(seconds=1))
    assert len(found()) == 1

    Launch.objects.update(departure_at=NOW)
    assert found() == []

    Launch.objects.update(departure_at=DEPARTURE)
    services.supplier_suspend(actor=None, supplier_id=supplier.pk, reason="Papers.")
    assert found() == []
    assert selectors.suppliers_on_sale(now=NOW) == []


def test_sorts_end_in_a_unique_column():
    assert {columns[-1].lstrip("-") for columns in selectors.SORTS.values()} == {"id"}


def test_choices_name_only_what_is_on_sale(three):
    assert [row.code for row in selectors.destinations_on_sale(now=NOW)] == ["moon", "iss", "suborbital"]
    assert [row.code for row in selectors.spaceports_on_sale(now=NOW)] == ["corn-ranch", "starbase"]
    assert [row.slug for row in selectors.suppliers_on_sale(now=NOW)] == ["blue-carriers"]


def test_drafts_have_no_public_page(make_launch):
    draft = make_launch("draft")

    for slug in (draft.slug, "no-such-launch", "nul\0"):
        with pytest.raises(errors.LaunchNotFound):
            selectors.launch_ground(slug=slug)


def test_brief_says_what_selling_needs(make_launch, supplier):
    launch = make_launch()

    brief = selectors.launch_brief(launch_id=launch.pk)

    assert (brief.id, brief.supplier_id, brief.time_zone) == (launch.pk, supplier.pk, "America/Chicago")
    assert (brief.is_on_sale, brief.price_amount, brief.price_currency) == (True, Decimal(450000), "USD")
    assert brief.policy_tiers == [{"months": 12, "percent": 90}, {"months": 3, "percent": 70}]
    services.supplier_suspend(actor=None, supplier_id=supplier.pk, reason="Papers.")
    assert selectors.launch_brief(launch_id=launch.pk).is_on_sale is False
    for unknown in (0, -1, 2**63 - 1, 2**70):
        with pytest.raises(errors.LaunchNotFound):
            selectors.launch_brief(launch_id=unknown)


READS = {
    "catalogue": (1, lambda people: [row.title for row in selectors.catalogue(filters=CatalogueFilters(), now=NOW)]),
    "own": (2, lambda people: [row.title for row in selectors.launch_list_for_supplier(actor=people["gate"])]),
    "all": (1, lambda people: [row.departure_text for row in selectors.launch_list_all(actor=people["employee it"])]),
    "published": (1, lambda people: [row.title for row in selectors.launches_published()]),
    "destinations": (1, lambda people: selectors.destinations_on_sale(now=NOW)),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("queries", "read"), READS.values(), ids=READS)
def test_lists_cost_the_same_however_long(make_launch, people, django_assert_num_queries, count, queries, read):
    for _ in range(count):
        make_launch()

    with django_assert_num_queries(queries):
        assert read(people)


def test_single_reads_cost_the_same(make_launch, people, django_assert_num_queries):
    launch = make_launch()

    with django_assert_num_queries(1):
        selectors.launch_brief(launch_id=launch.pk)
    with django_assert_num_queries(1):
        assert selectors.launch_ground(slug=launch.slug).sells_at(NOW)
    with django_assert_num_queries(2):
        selectors.launch_get_for_supplier(actor=people["owner"], launch_id=launch.pk)
