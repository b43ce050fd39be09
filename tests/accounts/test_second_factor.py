"""The second factor of employees: set up at the first sign-in, and asked for at every other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts import errors, selectors, services
from common.models import OutboxEvent
from tests.accounts.conftest import event_names, is_signed_in
from tests.accounts.devices import CODE, ENROL, OWN, RECOVERY, enrolled, half, offered

pytestmark = pytest.mark.usefixtures("second_factor_on", "standing_clock")


def test_the_first_sign_in_sets_it_up_and_shows_recovery_codes_once(person):
    client = half(person, next="/employee/people/")
    assert client.get(CODE)["Location"] == ENROL
    device, given = offered(client)

    page = client.post(ENROL, given | {"code": device.code()})

    body = page.content.decode()
    assert len(set(RECOVERY.findall(body))) == 10
    assert 'href="/employee/people/"' in body
    assert "no-store" in page["Cache-Control"]
    assert client.get("/employee/people/").status_code == 200
    assert "10 recovery codes left" in client.get(OWN).content.decode()
    assert RECOVERY.findall(client.get(OWN).content.decode()) == []
    assert event_names()[-1] == "accounts.user.second_factor_enrolled"


def test_the_picture_stands_in_the_page_and_says_whose_secret_it_is(person):
    page = half(person).get(ENROL)

    assert '<svg class="qr"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_later_sign_ins_ask_for_the_code(person):
    _, device, _ = enrolled(person)
    client = half(person)

    page = client.get(CODE).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert client.get(ENROL)["Location"] == CODE
    answer = client.post(CODE, {"code": f" {device.code()[:3]} {device.code()[3:]} "})

    assert (answer.status_code, answer["Location"]) == (302, "/employee/")
    assert client.get("/employee/").status_code == 200
    assert client.cookies["known-device"].value


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_one_step_of_drift_is_allowed(person, step):
    _, device, _ = enrolled(person)
    factor = selectors.second_factor_get(user_id=person.pk)
    now = timezone.now() + timedelta(minutes=10)  # long after the code of the enrolment

    services.second_factor_check(user=person, code=device.at(now, step), now=now)

    assert selectors.second_factor_get(user_id=person.pk).latest_step > factor.latest_step


@pytest.mark.parametrize("step", [-20, -2, 2, 20])
def test_codes_of_other_times_are_refused(person, step):
    _, device, _ = enrolled(person)
    now = timezone.now() + timedelta(minutes=30)

    with pytest.raises(errors.CodeWrong):
        services.second_factor_check(user=person, code=device.at(now, step), now=now)


def test_a_code_works_once_and_no_earlier_one_after_it(person):
    _, device, _ = enrolled(person)
    now = timezone.now() + timedelta(minutes=10)
    used, earlier = device.at(now), device.at(now, -1)

    services.second_factor_check(user=person, code=used, now=now)

    for code in (used, earlier):
        with pytest.raises(errors.CodeWrong):
            services.second_factor_check(user=person, code=code, now=now)


def test_the_code_that_set_it_up_signs_nobody_in_again(person):
    client = half(person)
    device, given = offered(client)
    code = device.code()
    client.post(ENROL, given | {"code": code})

    other = half(person)

    assert other.post(CODE, {"code": code}).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.django_db(transaction=True)
def test_of_one_code_used_twice_at_once_one_wins(person):
    _, device, codes = enrolled(person)
    now = timezone.now() + timedelta(minutes=10)

    def use(code):
        try:
            services.second_factor_check(user=person, code=code, now=now)
        except errors.CodeWrong:
            return "wrong"
        finally:
            connections.close_all()
        return "used"

    for code in (device.at(now), codes[0]):
        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(use, [code] * 6)) == ["used"] + ["wrong"] * 5
    connection.ensure_connection()


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "0000-0000-0000-0000-0000", "\x00"])
def test_what_is_no_code_is_refused_in_one_sentence(person, code):
    _, device, _ = enrolled(person)
    if code == device.code():
        code = "111111"
    client = half(person)

    answer = client.post(CODE, {"code": code})

    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_wrong_used_and_old_get_the_same_page(person):
    _, device, codes = enrolled(person)
    client = half(person)
    client.post(CODE, {"code": codes[0]})
    client = half(person)
    wrong = "000000" if device.code() != "000000" else "111111"

    def told(code):
        page = client.post(CODE, {"code": code}).content.decode()
        return page[page.index("There is a problem") : page.index("<form")]

    assert len({told(code) for code in (wrong, codes[0], device.code(-3))}) == 1


def test_a_recovery_code_signs_in_once(person):
    _, _, codes = enrolled(person)
    client = half(person)

    answer = client.post(CODE, {"code": codes[3].replace("-", " ")})
    again = half(person).post(CODE, {"code": codes[3]})

    assert (answer.status_code, again.status_code) == (302, 422)
    assert "9 recovery codes left" in client.get(OWN).content.decode()
    used = OutboxEvent.objects.get(name="accounts.user.recovery_code_used")
    assert used.payload == {"user_id": person.pk, "left": 9}


def test_the_recovery_code_of_another_is_worth_nothing(person, make_employee):
    _, _, codes = enrolled(person)
    other = make_employee("finance")
    enrolled(other)

    assert half(other).post(CODE, {"code": codes[0]}).status_code == 422
