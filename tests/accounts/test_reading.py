"""The language and the time zone that people are written to in."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import handlers, selectors, services
from accounts.models import User
from common.errors import InvalidInput
from documents.repositories import Profiles
from tests.accounts.conftest import PASSWORD, event_names
from tests.notifications.builders import event

PAGE = "/accounts/language/"


@pytest.fixture
def people(customer, supplier, make_employee):
    return {"customer": customer, "supplier": supplier, "employee": make_employee("it")}


@pytest.mark.parametrize("kind", ["customer", "supplier", "employee"])
def test_everybody_chooses_a_language_and_a_zone(people, signed_in, kind):
    client = signed_in(people[kind])

    answer = client.post(PAGE, {"language": "es", "time_zone": "America/Bogota"})

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    user = User.objects.get(pk=people[kind].pk)
    assert (user.language, user.time_zone) == ("es", "America/Bogota")
    assert event_names()[-1] == "accounts.user.reading_changed"
    assert '<option value="es" selected>Español</option>' in client.get(PAGE).content.decode()
    assert selectors.user_contact(user.pk).language == "es"


def test_choosing_the_same_again_changes_nothing(customer, signed_in):
    client = signed_in(customer)
    before = event_names()

    client.post(PAGE, {"language": "en", "time_zone": "UTC"})

    assert event_names() == before


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"language": "xx", "time_zone": "UTC"}, "Choose a language from the list."),
        ({"language": "es", "time_zone": "Mars/Olympus"}, "Choose a time zone from the list."),
        ({}, "Choose a language."),
    ],
)
def test_what_does_not_exist_is_refused(customer, signed_in, given, sentence):
    client = signed_in(customer)

    answer = client.post(PAGE, given)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert User.objects.get().language == "en"


def test_the_service_and_the_database_refuse_them_too(customer):
    with pytest.raises(InvalidInput) as refused:
        services.reading_change(user=customer, language="xx", time_zone="Mars/Olympus")
    assert sorted(refused.value.fields) == ["language", "time_zone"]
    with pytest.raises(IntegrityError, match="accounts_language_is_known"), transaction.atomic():
        User.objects.update(language="xx")


def test_strangers_sign_in_first():
    assert Client().get(PAGE)["Location"] == f"/accounts/sign-in/?next={PAGE}"


@pytest.mark.parametrize(
    ("asked", "language"), [("es-MX,es;q=0.9,en;q=0.5", "es"), ("de-AT,de;q=0.9", "en"), ("", "en"), ("*;;", "en")]
)
def test_a_new_customer_is_written_to_in_the_language_of_the_browser(asked, language):
    given = {"email": "luz@example.org", "full_name": "Luz Cliente", "password": PASSWORD}

    Client(headers={"accept-language": asked}).post("/accounts/register/", given)

    assert User.objects.get().language == language


def test_a_profile_document_follows_the_choice(customer):
    services.profile_change(customer=customer, full_name="Vera", phone="", birth_date=None, now=customer.created_at)

    services.reading_change(user=customer, language="es", time_zone="Europe/Madrid")
    handlers.profile_locale_follow(event("accounts.user.reading_changed", user_id=customer.pk))

    assert Profiles.get(customer.pk).locale == "es"
    assert Profiles.get(customer.pk).full_name == "Vera"
