"""The second factor at the API's sign-in: employees send a code, nobody else does."""

import pytest
from rest_framework.test import APIClient

from accounts import services
from tests.accounts.conftest import PASSWORD
from tests.accounts.devices import enrolled

pytestmark = pytest.mark.usefixtures("second_factor_on", "standing_clock")

TOKEN, REFRESH = "/api/v1/auth/token/", "/api/v1/auth/token/refresh/"


def asked(who, **more):
    return APIClient().post(TOKEN, {"email": who.email, "password": PASSWORD} | more)


def told(answer):
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def test_a_code_gives_tokens_that_open_the_api(person):  # noqa: F811
    _, device, codes = enrolled(person)

    by_device, by_recovery_code = asked(person, code=device.code()), asked(person, code=codes[0])

    assert (by_device.status_code, by_recovery_code.status_code) == (200, 200)
    pair = by_device.json()
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    assert APIClient().get("/api/v1/employee/bookings/", headers=bearer).status_code == 200
    assert APIClient().post(REFRESH, {"refresh": pair["refresh"]}).status_code == 200


@pytest.mark.parametrize("is_enrolled", [True, False])
def test_without_a_code_it_says_what_is_missing(person, is_enrolled):  # noqa: F811
    if is_enrolled:
        enrolled(person)

    for more in ({}, {"code": ""}):
        answer = asked(person, **more)
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
        assert "`code`" in answer.json()["detail"]
        assert "access" not in answer.json()


def test_whoever_has_set_up_nothing_gets_no_tokens(person):  # noqa: F811
    assert (asked(person, code="123456").status_code, asked(person, code="123456").json()["code"]) == (
        401,
        "sign_in_wrong",
    )


def test_no_answer_says_which_part_was_wrong(person):  # noqa: F811
    _, device, codes = enrolled(person)
    asked(person, code=codes[0])

    answers = [
        asked(person, code="99"),
        asked(person, code=codes[0]),
        asked(person, code=device.code(), password="wrong"),
        asked(person, code=device.code(), email="nobody@example.org"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert [told(answer) for answer in answers] == [told(answers[0])] * 4


def test_a_code_works_once_over_both_doors(person):  # noqa: F811
    _, device, _ = enrolled(person)
    code = device.code()

    assert [asked(person, code=code).status_code for _ in range(2)] == [200, 401]


def test_wrong_codes_lock_out(person, settings):  # noqa: F811
    settings.AXES_FAILURE_LIMIT = 3
    _, device, _ = enrolled(person)

    def guess(n, code):
        body = {"email": person.email, "password": PASSWORD, "code": code}
        return APIClient().post(TOKEN, body, REMOTE_ADDR=f"198.51.100.{n}")

    guessed = [guess(n, "99").status_code for n in range(3)]
    locked = guess(9, device.code())

    assert guessed == [401] * 3
    assert (locked.status_code, locked.json()["code"], locked["Retry-After"]) == (429, "too_many_attempts", "900")


def test_wrong_codes_count_as_wrong_passwords_do(person, settings):  # noqa: F811
    settings.AXES_FAILURE_LIMIT = 3
    enrolled(person)

    answers = [asked(person, code="99").status_code for _ in range(3)]

    assert answers == [401, 401, 429]


def test_customers_and_suppliers_need_none(customer, supplier):
    assert [asked(who).status_code for who in (customer, supplier)] == [200, 200]


def test_503_while_logs_mongodb_is_away(person, request):  # noqa: F811
    _, device, _ = enrolled(person)
    request.getfixturevalue("logs_away")

    assert asked(person, code=device.code()).status_code == 503


def test_a_reset_ends_the_tokens(person, make_employee):  # noqa: F811
    _, device, _ = enrolled(person)
    pair = asked(person, code=device.code()).json()

    services.second_factor_reset(actor=make_employee("admin"), user_id=person.pk, reason="Lost")

    assert APIClient().post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    assert APIClient().get("/api/v1/employee/bookings/", headers=bearer).status_code == 401
