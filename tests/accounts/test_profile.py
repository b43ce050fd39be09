"""The profile in Customer MongoDB: own details, people booked for, consents; services and API, with racing writers."""

from datetime import date, timedelta

import pytest
from rest_framework.test import APIClient

from accounts import errors, selectors, services
from accounts.models import User
from common.errors import Forbidden, InvalidInput
from common.models import OutboxEvent
from documents import mongo
from documents.errors import DocumentStoreUnavailable
from documents.repositories import Profiles
from tests.accounts.conftest import NOW, PASSWORD
from tests.documents.processes import race

PERSON = {
    "full_name": "Kim  Other",
    "email": "Kim@Example.com",
    "phone": "+34 600 000 001",
    "birth_date": date(1990, 2, 3),
}


def save(customer, **changes):
    return services.saved_passenger_add(customer=customer, now=NOW, **{**PERSON, "is_agreed": True, **changes})


def names(customer) -> list[str]:
    return [one.full_name for one in selectors.profile_get(customer=customer).saved_passengers]


def test_a_passenger_is_saved_corrected_and_removed(customer):
    saved = save(customer)
    assert (saved.full_name, saved.email, saved.phone) == ("Kim Other", "kim@example.com", "+34600000001")
    assert Profiles.get(customer.pk).saved_passengers == (saved,)

    changed = services.saved_passenger_change(
        customer=customer, passenger_id=saved.id, now=NOW, **{**PERSON, "full_name": "Kim Another"}
    )
    assert names(customer) == ["Kim Another"]

    assert services.saved_passenger_remove(customer=customer, passenger_id=saved.id, now=NOW) == changed
    assert names(customer) == []
    with pytest.raises(errors.SavedPassengerNotFound):
        services.saved_passenger_remove(customer=customer, passenger_id=saved.id, now=NOW)


def test_saving_people_needs_the_customers_word_once_and_again_after_it_was_taken_back(customer):
    with pytest.raises(InvalidInput) as refused:
        save(customer, is_agreed=False)
    assert list(refused.value.fields) == ["is_agreed"]
    assert names(customer) == []

    save(customer)
    save(customer, full_name="Lee Other", is_agreed=False)
    assert names(customer) == ["Kim Other", "Lee Other"]

    services.saved_passengers_forget(customer=customer, now=NOW + timedelta(hours=1))
    profile = Profiles.get(customer.pk)
    assert profile.saved_passengers == ()
    assert [(one.is_given, one.words, one.at) for one in profile.consents] == [
        (True, "2026-11", NOW),
        (False, "2026-11", NOW + timedelta(hours=1)),
    ]
    with pytest.raises(InvalidInput):
        save(customer, is_agreed=False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"full_name": " "}, "full_name"),
        ({"full_name": "A\x07B"}, "full_name"),
        ({"email": "kim"}, "email"),
        ({"phone": ""}, "phone"),
        ({"phone": "600"}, "phone"),
        ({"birth_date": date(2999, 1, 1)}, "birth_date"),
    ],
)
def test_wrong_details_of_a_passenger_are_named_and_nothing_is_kept(customer, wrong, field):
    with pytest.raises(InvalidInput) as refused:
        save(customer, **wrong)

    assert list(refused.value.fields) == [field]
    assert names(customer) == []


def test_no_more_than_a_dozen(customer):
    for number in range(12):
        save(customer, full_name=f"Person {number}")

    with pytest.raises(errors.SavedPassengersFull, match="You can keep 12 passengers. Remove one"):
        save(customer)
    assert len(names(customer)) == 12


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"emergency_name": "Ada Other"}, "emergency_phone"),
        ({"emergency_phone": "+1 415 555 0123"}, "emergency_name"),
        ({"emergency_name": "Ada Other", "emergency_phone": "911"}, "emergency_phone"),
    ],
)
def test_an_emergency_contact_is_whole_or_none(customer, given, field):
    details = {"full_name": "Vera", "phone": "", "birth_date": None}
    with pytest.raises(InvalidInput) as refused:
        services.profile_change(customer=customer, now=NOW, **details, **given)
    assert list(refused.value.fields) == [field]

    whole = {"emergency_name": "Ada Other", "emergency_phone": "+1 415 555 0123"}
    services.profile_change(customer=customer, now=NOW, **details, **whole)
    kept = Profiles.get(customer.pk)
    assert (kept.emergency_name, kept.emergency_phone) == ("Ada Other", "+14155550123")


def test_changes_are_told_without_saying_what_they_are(customer):
    save(customer)
    services.profile_change(customer=customer, full_name="Vera", phone="", birth_date=None, now=NOW)

    told = OutboxEvent.objects.filter(name="accounts.profile.changed").order_by("id")
    assert [(one.payload, one.actor_id) for one in told] == [
        ({"user_id": customer.pk, "fields": ["saved_passengers"]}, customer.pk),
        ({"user_id": customer.pk, "fields": ["details"]}, customer.pk),
    ]


def test_only_customers_save_people(supplier):
    with pytest.raises(Forbidden):
        save(supplier)


def test_a_store_that_is_away_changes_nothing_anywhere(customer, mongo_servers, settings):
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    save(customer)
    events = OutboxEvent.objects.count()
    mongo_servers.customer.stop()

    with pytest.raises(DocumentStoreUnavailable):
        save(customer, full_name="Lee Other")
    with pytest.raises(DocumentStoreUnavailable):
        services.profile_change(customer=customer, full_name="Vera Changed", phone="", birth_date=None, now=NOW)

    mongo_servers.ensure_running()
    mongo.close()
    assert names(customer) == ["Kim Other"]
    assert User.objects.get(pk=customer.pk).full_name == "Vera Customer"
    assert OutboxEvent.objects.count() == events


def test_a_profile_written_before_it_had_a_version_can_be_changed(customer):
    Profiles.delete(customer.pk)
    Profiles._documents().insert(
        {"_id": customer.pk, "customer_id": customer.pk, "full_name": "Old", "updated_at": NOW}
    )

    save(customer)

    assert (Profiles.get(customer.pk).full_name, names(customer)) == ("Old", ["Kim Other"])


@pytest.mark.race
def test_two_windows_that_save_at_once_lose_nobody(customer):
    begin = selectors.profile_at_first(customer=customer, now=NOW)

    def work(number: int) -> None:
        from dataclasses import replace

        for step in range(5):
            name = f"{number}-{step}"
            Profiles.change(
                begin, lambda kept, name=name: replace(kept, emergency_name=f"{kept.emergency_name} {name}")
            )

    race(work, count=2)

    assert len(Profiles.get(customer.pk).emergency_name.split()) == 10


# --- the API ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def api(customer):
    client = APIClient()
    pair = client.post("/api/v1/auth/token/", {"email": customer.email, "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    return client


PROFILE = "/api/v1/customer/profile/"
BODY = {**PERSON, "birth_date": "1990-02-03"}


def test_the_api_reads_and_changes_the_profile(api, customer):
    changed = api.put(PROFILE, {"full_name": "Vera New", "phone": "+1 415 555 0123", "birth_date": None}, format="json")
    saved = api.post(PROFILE + "passengers/", {**BODY, "is_agreed": True}, format="json").json()
    corrected = api.put(f"{PROFILE}passengers/{saved['id']}/", {**BODY, "full_name": "Kim New"}, format="json")
    read = api.get(PROFILE).json()

    assert (changed.status_code, corrected.status_code) == (200, 200)
    assert (read["full_name"], read["email"], read["phone"]) == ("Vera New", customer.email, "+14155550123")
    assert read["saved_passengers"] == [{**saved, "full_name": "Kim New"}]
    assert [one["is_given"] for one in read["consents"]] == [True]
    assert api.delete(f"{PROFILE}passengers/{saved['id']}/").status_code == 204
    assert api.delete(f"{PROFILE}passengers/{saved['id']}/").status_code == 404
    assert api.put(f"{PROFILE}passengers/{saved['id']}/", BODY, format="json").status_code == 404
    assert api.delete(PROFILE + "passengers/").status_code == 204
    assert [one["is_given"] for one in api.get(PROFILE).json()["consents"]] == [True, False]


def test_the_api_chooses_the_language_and_the_zone(api, customer):
    before = api.get(PROFILE).json()
    answers = [api.patch(PROFILE, given, format="json") for given in ({"language": "es"}, {"time_zone": "Asia/Tokyo"})]

    assert (before["language"], before["time_zone"]) == ("en", "UTC")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json() == {**before, "language": "es", "time_zone": "Asia/Tokyo"} == api.get(PROFILE).json()
    user = User.objects.get(pk=customer.pk)
    assert (user.language, user.time_zone) == ("es", "Asia/Tokyo")
    told = OutboxEvent.objects.filter(name="accounts.user.reading_changed").order_by("pk")
    assert [event.payload for event in told] == [
        {"user_id": customer.pk, "language": "es", "time_zone": "UTC"},
        {"user_id": customer.pk, "language": "es", "time_zone": "Asia/Tokyo"},
    ]
    assert api.patch(PROFILE, {}, format="json").json() == api.get(PROFILE).json()
    assert told.count() == 2


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"language": "xx", "time_zone": "Asia/Tokyo"}, ["language"]),
        ({"language": "es", "time_zone": "Mars/Olympus"}, ["time_zone"]),
        ({"language": "", "time_zone": ""}, ["language", "time_zone"]),
        ({"language": None}, ["language"]),
    ],
)
def test_the_api_refuses_languages_and_zones_there_are_not(api, customer, given, fields):
    answer = api.patch(PROFILE, given, format="json")

    assert (answer.status_code, sorted(answer.json()["fields"])) == (422, fields)
    user = User.objects.get(pk=customer.pk)
    assert (user.language, user.time_zone) == ("en", "UTC")


def test_the_api_names_what_is_wrong(api):
    answers = [
        api.put(PROFILE, {"full_name": "V", "phone": "1", "birth_date": None}, format="json"),
        api.put(PROFILE, {"full_name": "V", "phone": ""}, format="json"),
        api.post(PROFILE + "passengers/", BODY, format="json"),
        api.post(PROFILE + "passengers/", {**BODY, "birth_date": "soon"}, format="json"),
    ]

    assert [(one.status_code, list(one.json()["fields"])) for one in answers] == [
        (422, ["phone"]),
        (422, ["birth_date"]),
        (422, ["is_agreed"]),
        (422, ["birth_date"]),
    ]


def test_the_api_says_try_again_while_the_store_is_away(api, mongo_servers, settings):
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    mongo_servers.customer.stop()

    answers = [
        api.get(PROFILE),
        api.put(PROFILE, {"full_name": "V", "phone": "", "birth_date": None}, format="json"),
        api.post(PROFILE + "passengers/", {**BODY, "is_agreed": True}, format="json"),
        api.patch(PROFILE, {"language": "es"}, format="json"),
    ]

    mongo_servers.ensure_running()
    mongo.close()
    assert [(one.status_code, one["Content-Type"]) for one in answers] == [(503, "application/problem+json")] * 4
    assert {one["Retry-After"] for one in answers} == {"3"}
    assert all("try again in a moment" in one.json()["detail"] for one in answers)
    assert User.objects.get().language == "en"
