"""Drafts, and what may change later."""

import pytest
from django.urls import reverse

from launches.models import Launch
from tests.factories import DestinationFactory, PolicyFactory, RocketFactory, SpaceportFactory, SupplierFactory
from tests.portals.desks import text


@pytest.fixture
def plan(supplier):
    PolicyFactory()
    return {
        "mission_name": "Quiet Dawn",
        "rocket_id": RocketFactory(supplier=supplier, name="Red One").pk,
        "spaceport_id": SpaceportFactory().pk,
        "destination_id": DestinationFactory().pk,
        "departure_date": "2028-03-14",
        "departure_time": "",
        "departure_precision": "quarter",
        "price_amount": "250000",
        "price_currency": "EUR",
        "seats_on_sale": "4",
        "description": "A short flight.",
    }


def test_a_plan_becomes_a_draft_that_only_the_supplier_sees(member, plan, supplier):
    answer = member().post(reverse("supplier:launch-new"), plan, follow=True)
    launch = Launch.objects.get()
    assert (launch.status, launch.supplier, launch.mission_name) == ("draft", supplier, "Quiet Dawn")
    assert (launch.price_currency, launch.seats_on_sale, launch.seats.count()) == ("EUR", 4, 4)
    assert "no earlier than Q1 2028" in text(answer)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mission_name": " "}, "Give the mission a name"),
        ({"mission_name": "x\x00y"}, "Null characters are not allowed"),
        ({"rocket_id": ""}, "Choose a rocket."),
        ({"rocket_id": "999999"}, "Select a valid choice"),
        ({"departure_date": "soon"}, "Give the date as 2027-03-14."),
        ({"departure_time": "25:99", "departure_precision": "minute"}, "Give the time as 09:30."),
        ({"price_amount": "0"}, "A seat&#x27;s price is more than 0."),
        ({"price_amount": "NaN"}, "Enter a number."),
        ({"price_currency": "XXX"}, "Select a valid choice"),
        ({"seats_on_sale": "7"}, "has 6 seats to sell; 7 cannot be put on sale"),
        ({"seats_on_sale": "many"}, "Enter a whole number."),
    ],
)
def test_a_bad_plan_gets_its_sentence_and_nothing_is_written(member, plan, changes, sentence):
    answer = member().post(reverse("supplier:launch-new"), plan | changes)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Error: Plan a launch" in text(answer)
    assert not Launch.objects.exists()


def test_a_rocket_that_does_not_get_there_is_refused(member, plan):
    plan["destination_id"] = DestinationFactory(required_range="moon").pk
    answer = member().post(reverse("supplier:launch-new"), plan)
    assert answer.status_code == 422
    assert "flies as far as Suborbital" in text(answer)
    assert not Launch.objects.exists()


def test_more_seats_than_the_cabin_has_are_told_at_their_field(member, plan):
    answer = member().post(reverse("supplier:launch-new"), {**plan, "seats_on_sale": "299"})

    assert answer.status_code == 422
    assert "299 cannot be put on sale." in answer.context["form"].errors["seats_on_sale"][0]
    assert 'href="#id_seats_on_sale"' in text(answer)


def test_another_suppliers_rocket_cannot_be_chosen(member, plan):
    plan["rocket_id"] = RocketFactory(supplier=SupplierFactory()).pk
    answer = member().post(reverse("supplier:launch-new"), plan)
    assert answer.status_code == 422
    assert not Launch.objects.exists()


def test_a_draft_may_change_altogether(member, plan):
    client = member()
    client.post(reverse("supplier:launch-new"), plan)
    launch = Launch.objects.get()
    old_slug = launch.slug
    changes = {
        "seats_on_sale": "2",
        "departure_date": "2029-05-01",
        "departure_precision": "month",
        "mission_name": "Dawn",
    }

    answer = client.post(reverse("supplier:launch-edit", args=[launch.pk]), plan | changes, follow=True)

    launch.refresh_from_db()
    assert (launch.mission_name, launch.seats_on_sale, launch.seats.count()) == ("Dawn", 2, 2)
    assert launch.departure_text == "no earlier than May 2029"
    assert launch.slug != old_slug
    assert "Your changes are saved." in text(answer)


def test_a_published_launch_changes_its_texts_and_price_only(member, make_launch):
    launch = make_launch()
    seats = launch.seats_on_sale
    values = {"mission_name": "New Name", "price_amount": "99.5", "description": "", "seats_on_sale": "1"}
    member().post(reverse("supplier:launch-edit", args=[launch.pk]), values)
    launch.refresh_from_db()
    assert (launch.mission_name, str(launch.price_amount), launch.seats_on_sale) == ("New Name", "99.500", seats)


def test_a_draft_can_be_deleted_and_nothing_else(member, make_launch):
    draft, published = make_launch(status="draft"), make_launch()
    client = member()
    client.post(reverse("supplier:launch-delete", args=[draft.pk]))
    refused = client.post(reverse("supplier:launch-delete", args=[published.pk]), follow=True)
    assert list(Launch.objects.all()) == [published]
    assert refused.redirect_chain
