"""Drafts, cabins, and what the database refuses by itself."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from common.errors import InvalidInput
from common.models import OutboxEvent
from launches import errors, policies, selectors, services
from launches.models import Destination, Launch, LaunchSeat, Rocket, Spaceport, Supplier
from tests.factories import RocketFactory
from tests.launches.conftest import NOW

pytestmark = pytest.mark.django_db


def test_draft_puts_the_first_unblocked_seats_on_sale(make_launch):
    launch = make_launch("draft", seats_on_sale=5)

    seats = selectors.launch_seats(launch_id=launch.pk)
    assert [seat.label for seat in seats] == ["A1", "B1", "A2", "B2", "A3"]
    assert (launch.status, launch.version, launch.minimum_occupancy_percent) == ("draft", 1, 20)
    assert launch.cancellation_policy.tiers == [{"months": 12, "percent": 90}, {"months": 3, "percent": 70}]
    assert launch.history.get().new_value == "draft"
    assert OutboxEvent.objects.latest("id").name == "launches.launch.drafted"


def test_more_seats_than_the_cabin_sells_are_refused(make_launch):
    with pytest.raises(errors.NotEnoughCabinSeats, match="New Shepard has 5 seats to sell; 6"):
        make_launch("draft", seats_on_sale=6)

    assert not Launch.objects.exists()


def test_a_destination_out_of_range_is_refused(make_launch):
    station = selectors.destination_get(code="iss")

    with pytest.raises(errors.DestinationOutOfRange) as refused:
        make_launch("draft", destination_id=station.pk)

    assert refused.value.message == (
        "New Shepard flies as far as Suborbital; the Space Station needs Low Earth orbit. "
        "Choose another rocket or destination."
    )
    assert not Launch.objects.exists()


BAD = {
    "no name": ({"mission_name": "  "}, "mission_name"),
    "long name": ({"mission_name": "x" * 161}, "mission_name"),
    "naive departure": ({"departure_at": datetime(2027, 3, 14)}, "departure_at"),  # noqa: DTZ001 - the bad input
    "unknown precision": ({"departure_precision": "fortnight"}, "departure_precision"),
    "price of nothing": ({"price_amount": Decimal(0)}, "price_amount"),
    "negative price": ({"price_amount": Decimal(-1)}, "price_amount"),
    "no price": ({"price_amount": Decimal("NaN")}, "price_amount"),
    "endless price": ({"price_amount": Decimal("1e30")}, "price_amount"),
    "unknown currency": ({"price_currency": "XXX"}, "price_currency"),
    "no seats": ({"seats_on_sale": 0}, "seats_on_sale"),
    "occupancy": ({"minimum_occupancy_percent": 101}, "minimum_occupancy_percent"),
}


@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=BAD)
def test_bad_values_are_named(make_launch, changes, field):
    with pytest.raises(InvalidInput) as refused:
        make_launch("draft", **changes)

    assert set(refused.value.fields) == {field}
    assert not Launch.objects.exists()


def test_another_suppliers_rocket_or_a_retired_one_is_refused(make_launch, rocket):
    with pytest.raises(errors.RocketNotFound):
        make_launch("draft", rocket_id=RocketFactory().pk)
    Rocket.objects.filter(pk=rocket.pk).update(is_active=False)
    with pytest.raises(errors.RocketInactive, match="New Shepard"):
        make_launch("draft")


@pytest.mark.parametrize(("count", "abreast", "last"), [(1, 2, "A1"), (12, 2, "B6"), (13, 4, "A4"), (300, 6, "F50")])
def test_cabins_of_any_size_have_one_seat_a_place(count, abreast, last):
    plan = policies.cabin_plan(count)

    assert len({seat.label for seat in plan}) == len({(seat.row, seat.column) for seat in plan}) == count
    assert policies.seats_abreast(count) == abreast
    assert plan[-1].label == last
    assert plan[0].is_window
    assert plan[0].is_exit


def test_rocket_names_and_sizes_are_checked(supplier, rocket):
    with pytest.raises(errors.NameTaken, match="New Shepard"):
        services.rocket_create(actor=None, supplier_id=supplier.pk, name="New Shepard", range="moon", seats=2)
    for wrong in ({"seats": 0}, {"seats": 301}, {"range": "sun"}, {"name": ""}):
        with pytest.raises(InvalidInput) as refused:
            services.rocket_create(
                **{"actor": None, "supplier_id": supplier.pk, "name": "Two", "range": "moon", "seats": 2} | wrong
            )
        assert set(refused.value.fields) == set(wrong)
    assert Rocket.objects.count() == 1


def test_reference_data_are_entered_once_and_then_left_alone(places):
    Spaceport.objects.filter(code="kourou").update(name="Renamed by an employee")

    assert services.reference_data_load() == 0
    assert Spaceport.objects.get(code="kourou").name == "Renamed by an employee"
    assert services.reference_suppliers_load() > 0
    assert services.reference_suppliers_load() == 0
    assert Supplier.objects.get(trade_name="SpaceX").status == "approved"
    assert Supplier.objects.get(trade_name="NASA").status == "applied"
    assert set(Destination.objects.values_list("required_range", flat=True)) == {
        "suborbital",
        "low_earth_orbit",
        "moon",
        "mars",
    }


REFUSED_BY_THE_DATABASE = {
    "launches_price_is_not_negative": {"price_amount": Decimal(-1)},
    "launches_sells_at_least_one_seat": {"seats_on_sale": 0},
    "launches_minimum_occupancy_is_a_percentage": {"minimum_occupancy_percent": 101},
    "launches_status_is_known": {"status": "flying"},
    "launches_precision_is_known": {"departure_precision": "decade"},
    "launches_aborted_or_delayed_says_why": {"status": "aborted", "reason": ""},
}


@pytest.mark.parametrize(("name", "values"), REFUSED_BY_THE_DATABASE.items(), ids=REFUSED_BY_THE_DATABASE)
def test_the_database_refuses_what_the_code_above_let_through(make_launch, name, values):
    launch = make_launch()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Launch.objects.filter(pk=launch.pk).update(**values)


def test_the_database_keeps_seats_and_legal_data_straight(make_launch, supplier, rocket):
    launch = make_launch()
    with pytest.raises(IntegrityError, match="launches_one_seat_per_label"), transaction.atomic():
        LaunchSeat.objects.create(launch=launch, label="A1", row=9, column=9)
    with pytest.raises(IntegrityError, match="launches_approved_supplier_has_legal_data"), transaction.atomic():
        Supplier.objects.filter(pk=supplier.pk).update(tax_id="")
    with pytest.raises(IntegrityError, match="launches_rocket_range_is_known"), transaction.atomic():
        Rocket.objects.filter(pk=rocket.pk).update(range="sun")
    with pytest.raises(IntegrityError, match="launches_spaceport_lies_on_earth"), transaction.atomic():
        Spaceport.objects.filter(code="kourou").update(latitude=91)


def test_now_is_only_used_where_it_counts(make_launch):
    """A draft may lie in the past; it is publishing that looks at the clock."""
    assert make_launch("draft", departure_at=NOW).status == "draft"
