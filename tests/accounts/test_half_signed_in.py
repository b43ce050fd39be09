"""Between the right password and the code of a second factor: nothing is open, and guesses are counted."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts import errors, selectors, services
from accounts.models import User
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, is_signed_in
from tests.accounts.devices import CODE, ENROL, OWN, SIGN_IN, enrolled, half, offered

pytestmark = pytest.mark.usefixtures("second_factor_on", "standing_clock")


def test_half_way_opens_nothing(person, make_employee):
    strangers = Client()
    admin = make_employee("admin")
    for client in (half(admin), half(enrolled_admin(make_employee))):
        for address in employee_addresses():
            answer, stranger = client.get(address), strangers.get(address)
            assert (answer.status_code, answer.get("Location")) == (stranger.status_code, stranger.get("Location"))
            assert answer.status_code in (302, 401, 403, 404, 405), address
        assert not is_signed_in(client)
        assert client.get(OWN).status_code == 302


def enrolled_admin(make_employee) -> User:
    admin = make_employee("admin", "second@example.org")
    enrolled(admin)
    return admin


def employee_addresses() -> list[str]:
    """Every address of the employees' portal and API and of the admin, with a 1 wherever something is filled in."""
    found: list[str] = []

    def walk(patterns, before):
        for pattern in patterns:
            path = before + re.sub(r"<[^>]+>|\(\?P.*", "1", str(pattern.pattern).strip("^$"))
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
            elif path.startswith(("employee/", "admin/", "api/v1/employee/")):
                found.append(f"/{path}")

    walk(get_resolver().url_patterns, "")
    assert len(found) > 150
    return [path for path in found if "jsi18n" not in path and "login" not in path and "logout" not in path]


def test_half_way_ends_with_ten_minutes_a_new_password_and_a_closed_account(person, monkeypatch):
    _, device, _ = enrolled(person)
    late, changed, closed = half(person), half(person), half(person)
    later = timezone.now() + timedelta(minutes=10, seconds=1)
    with monkeypatch.context() as changed_clock:
        changed_clock.setattr("django.utils.timezone.now", lambda: later)
        assert late.get(CODE)["Location"] == SIGN_IN

    services.password_change(user=person, old_password=PASSWORD, password=NEW_PASSWORD)
    assert changed.post(CODE, {"code": device.code()})["Location"] == SIGN_IN
    User.objects.update(is_active=False)
    assert closed.get(CODE)["Location"] == SIGN_IN


def test_without_the_password_there_is_no_such_page():
    for url in (CODE, ENROL):
        assert Client().get(url)["Location"] == SIGN_IN
        assert Client().post(url, {"code": "000000"})["Location"] == SIGN_IN


def test_whoever_was_signed_in_before_is_not_half_way(person, customer):
    client = Client()
    client.post(SIGN_IN, {"username": customer.email, "password": PASSWORD})
    assert is_signed_in(client)

    half(person, client)

    assert not is_signed_in(client)


def test_a_set_up_second_factor_cannot_be_set_up_over(person):
    first, thief = half(person), half(person)
    device, given = offered(thief)
    offer, sent = offered(first)
    first.post(ENROL, sent | {"code": offer.code()})

    answer = thief.post(ENROL, given | {"code": device.code()})

    assert answer["Location"] == CODE
    assert not is_signed_in(thief)
    proposal = services.second_factor_propose(user=person, sealed=given["sealed"])
    with pytest.raises(errors.SecondFactorThere):
        services.second_factor_enrol(user=person, proposal=proposal, code=device.code(), now=timezone.now())


def test_a_slip_at_enrolment_keeps_the_secret_that_the_app_has_read(person):
    client = half(person)
    device, given = offered(client)

    slip = client.post(ENROL, given | {"code": "12"})

    assert slip.status_code == 422
    assert given["sealed"] in slip.content.decode()
    assert client.post(ENROL, given | {"code": device.code()}).status_code == 200


def test_a_sealed_secret_of_another_is_not_taken(person, make_employee):
    device, given = offered(half(make_employee("finance")))
    client = half(person)

    assert client.post(ENROL, given | {"code": device.code()}).status_code == 422
    assert not is_signed_in(client)


def test_wrong_codes_lock_out_from_wherever_they_come(person, settings):
    _, device, codes = enrolled(person)

    def guess(client, n):
        return client.post(CODE, {"code": "99"}, REMOTE_ADDR=f"198.51.100.{n}").status_code

    guessed = [guess(half(person), n) for n in range(settings.AXES_FAILURE_LIMIT)]
    client = half(person)
    locked = [client.post(CODE, {"code": code}, REMOTE_ADDR="203.0.113.9") for code in (device.code(), codes[0])]

    assert guessed == [422] * settings.AXES_FAILURE_LIMIT
    assert [(answer.status_code, answer["Retry-After"]) for answer in locked] == [(429, "900")] * 2
    assert not is_signed_in(client)


def test_wrong_codes_count_as_wrong_passwords_do(person, settings):
    enrolled(person)
    client = half(person)

    answers = [client.post(CODE, {"code": "99"}).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]

    assert answers[-1] == 429
    assert Client().post(SIGN_IN, {"username": person.email, "password": PASSWORD}).status_code == 429


def test_the_right_password_again_forgives_no_wrong_code(person, settings):
    enrolled(person)
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert half(person).post(CODE, {"code": "99"}).status_code == 422

    assert half(person).post(CODE, {"code": "99"}).status_code == 429


def test_forms_want_their_csrf_token(person):
    _, device, _ = enrolled(person)
    client = Client(enforce_csrf_checks=True)
    csrf = client.get(SIGN_IN).cookies["csrftoken"].value
    client.post(SIGN_IN, {"username": person.email, "password": PASSWORD, "csrfmiddlewaretoken": csrf})

    refused = client.post(CODE, {"code": device.code()})
    csrf = client.cookies["csrftoken"].value
    taken = client.post(CODE, {"code": device.code(), "csrfmiddlewaretoken": csrf})

    assert (refused.status_code, taken.status_code) == (403, 302)


def test_customers_and_suppliers_sign_in_as_before(customer, supplier):
    for person in (customer, supplier):
        client = Client()
        answer = client.post(SIGN_IN, {"username": person.email, "password": PASSWORD})
        assert answer["Location"] != CODE
        assert is_signed_in(client)
        assert client.get(OWN).status_code == 404


def test_switched_off_nothing_is_asked_and_switching_on_ends_those_sessions(person, settings, signed_in):
    settings.EMPLOYEE_SECOND_FACTOR = False
    client, access = signed_in(person), services.token_pair_issue(user=person, now=timezone.now()).access
    assert is_signed_in(client)
    assert client.get(OWN).status_code == 404
    assert "Second factor" not in client.get("/accounts/password/change/").content.decode()

    settings.EMPLOYEE_SECOND_FACTOR = True

    assert not is_signed_in(client)
    with pytest.raises(errors.TokenInvalid):
        selectors.user_by_access_token(token=access, now=timezone.now())


def test_503_while_logs_mongodb_is_away(person, settings, logs_away):
    client = Client()
    answer = client.post(SIGN_IN, {"username": person.email, "password": PASSWORD})
    assert answer.status_code == 503


def test_503_half_way_while_logs_mongodb_is_away(person, request):
    _, device, _ = enrolled(person)
    client = half(person)
    request.getfixturevalue("logs_away")

    answers = [client.get(CODE), client.post(CODE, {"code": device.code()})]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert not is_signed_in(client)
