"""People a customer books for: saved on pages of their own, and filled in by name when seats are named."""

from datetime import date

import pytest

from accounts import services as account_services
from bookings.models import Passenger
from documents.repositories import Profiles
from tests.factories import make_hold
from tests.portals.customer.conftest import passengers, title, words

pytestmark = pytest.mark.django_db

LIST = "/profile/passengers/"
PERSON = {
    "full_name": "Kim Other", "email": "kim@example.com", "phone": "+34 600 000 001", "birth_date": "1990-02-03",
}  # fmt: skip


@pytest.fixture
def kim(vera, now):
    given = {**PERSON, "birth_date": date(1990, 2, 3)}
    return account_services.saved_passenger_add(customer=vera.user, now=now, is_agreed=True, **given)


def test_more_time_without_javascript_still_offers_those_who_are_saved(vera, kim, make_launch, now):
    hold = make_hold(launch=make_launch(), customer=vera.user, now=now)

    answer = vera.post(f"/book/{hold.pk}/extension/", passengers())

    assert "Somebody you know" in words(answer)
    assert f'<option value="{kim.id}">Kim Other</option>' in answer.content.decode()


def saved(vera) -> list[str]:
    return [one.full_name for one in Profiles.get(vera.user.pk).saved_passengers]


def test_an_empty_page_says_what_it_is_for(vera):
    assert "Nobody saved yet" in words(vera.get(LIST))
    assert "Save passengers you often book for" in words(vera.get("/profile/"))


def test_somebody_is_saved_corrected_and_removed(vera):
    form = vera.get(LIST + "add/")
    assert "This person knows that I keep these details here" in words(form)
    added = vera.post(LIST + "add/", {**PERSON, "is_agreed": "on"}, follow=True)
    assert "Kim Other is saved." in words(added)
    assert "Born 3 February 1990" in words(added)
    assert "This person knows" not in words(vera.get(LIST + "add/")), "asked once"

    (one,) = Profiles.get(vera.user.pk).saved_passengers
    assert 'value="kim@example.com"' in vera.get(f"{LIST}{one.id}/").content.decode()
    changed = vera.post(f"{LIST}{one.id}/", {**PERSON, "full_name": "Kim New"}, follow=True)
    assert "Kim New" in words(changed)

    removed = vera.post(f"{LIST}{one.id}/remove/", follow=True)
    assert "Kim New is not kept any more. Bookings stay as they are." in words(removed)
    assert saved(vera) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"full_name": ""}, "Enter the full name as in the passport."),
        ({"phone": "600"}, "Enter the phone number with its country code"),
        ({"birth_date": "2999-01-01"}, "Enter a date of birth in the past."),
        ({"is_agreed": ""}, "Confirm that this person knows that you keep these details."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(vera, wrong, sentence):
    answer = vera.post(LIST + "add/", {**PERSON, "is_agreed": "on", **wrong})

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert title(answer).startswith("Error: ")
    assert 'value="kim@example.com"' in answer.content.decode()
    assert Profiles.get(vera.user.pk) is None


def test_taking_the_consent_back_forgets_everybody(vera, kim):
    page = words(vera.get(LIST))
    assert "you said that the people you save know of it" in page

    answer = vera.post(LIST + "forget/", follow=True)

    assert "Nobody is kept any more." in words(answer)
    assert saved(vera) == []
    assert "What you agreed to" not in words(answer)


def test_a_full_list_says_what_to_do(vera, kim, now):
    given = {**PERSON, "birth_date": date(1990, 2, 3), "is_agreed": True}
    for _ in range(11):
        account_services.saved_passenger_add(customer=vera.user, now=now, **given)

    assert "You keep 12 passengers, which is the most." in words(vera.get(LIST))
    answer = vera.post(LIST + "add/", PERSON)
    assert (answer.status_code, len(saved(vera))) == (422, 12)
    assert "Remove one, then save another." in words(answer)


def test_nobody_sees_or_touches_another_customers_people(otto, vera, kim):
    assert "Kim Other" not in words(otto.get(LIST))
    assert otto.get(f"{LIST}{kim.id}/").status_code == 404
    assert otto.post(f"{LIST}{kim.id}/", PERSON).status_code == 404
    assert otto.post(f"{LIST}{kim.id}/remove/").status_code == 404
    assert saved(vera) == ["Kim Other"]


def test_a_store_that_is_away_keeps_what_was_typed(vera, kim, mongo_servers):
    mongo_servers.customer.stop()

    listed = vera.get(LIST)
    added = vera.post(LIST + "add/", {**PERSON, "is_agreed": "on"})
    changed = vera.post(f"{LIST}{kim.id}/", {**PERSON, "full_name": "Kim New"})

    assert "We cannot read your saved passengers just now." in words(listed)
    assert (added.status_code, changed.status_code) == (503, 503)
    for answer in (added, changed):
        assert "We cannot save your details just now." in words(answer)
        assert 'value="kim@example.com"' in answer.content.decode()


# --- when seats are named -------------------------------------------------------------------------------------------
@pytest.fixture
def address(vera, make_launch, now) -> str:
    hold = make_hold(launch=make_launch(), customer=vera.user, seats=2, now=now)
    return f"/book/{hold.pk}/passengers/"


def typed(answer) -> list[str]:
    return [str(form["full_name"].value() or "") for form in answer.context["forms"]]


def test_saved_people_are_offered_by_name_and_filled_in(vera, kim, address):
    page = vera.get(address)
    assert page.context["people"] == [("me", "Vera Customer (you)"), (kim.id, "Kim Other")]

    answer = vera.post(address, {"0-full_name": "Half typed", "0-who": "", "1-who": kim.id, "fill_in": "2"})

    assert (answer.status_code, typed(answer)) == (200, ["Half typed", "Kim Other"])
    assert 'value="+34600000001"' in answer.content.decode()
    assert 'value="1990-02-03"' in answer.content.decode()
    assert not title(answer).startswith("Error")
    assert Passenger.objects.count() == 0
    swapped = vera.post(address, {"0-who": kim.id, "1-who": "me", "fill_in": "1"})
    assert typed(swapped) == ["Kim Other", "Vera Customer"]


def test_enter_in_a_field_goes_on_when_nobody_was_chosen(vera, kim, address):
    answer = vera.post(address, passengers(count=2) | {"0-who": "", "1-who": "", "fill_in": "1"})

    assert answer.status_code == 303
    assert Passenger.objects.count() == 2


def test_who_has_saved_nobody_is_offered_nobody(vera, address):
    assert vera.get(address).context["people"] == []


def test_naming_passengers_goes_on_while_the_profile_is_away(vera, kim, address, mongo_servers):
    mongo_servers.customer.stop()

    page = vera.get(address)
    kept = vera.post(address, {"0-full_name": "Half typed", "1-who": kim.id, "fill_in": "2"})
    done = vera.post(address, passengers(count=2))

    assert (page.status_code, page.context["people"]) == (200, [])
    assert typed(kept) == ["Half typed", ""]
    assert done.status_code == 303
