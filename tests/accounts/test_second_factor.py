"""The second factor of employees: set up at the first sign-in, asked for at every other, used up, moved, reset."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts import errors, selectors, services
from accounts.models import User
from common.errors import Forbidden, InvalidInput
from common.models import OutboxEvent
from documents.repositories import Credentials
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, event_names, is_signed_in

SIGN_IN, CODE, ENROL = "/accounts/sign-in/", "/accounts/sign-in/code/", "/accounts/sign-in/second-factor/"
OWN, NEW_CODES, DEVICE = (f"/accounts/second-factor/{rest}" for rest in ("", "recovery-codes/", "device/"))
RECOVERY = re.compile(r"<code>([\d-]{24})</code>")


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.EMPLOYEE_SECOND_FACTOR = True


@pytest.fixture(autouse=True)
def _standing_clock(monkeypatch):
    """No step begins while a test is at it."""
    middle = int(timezone.now().timestamp()) // 30 * 30 + 15
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromtimestamp(middle, UTC))


@pytest.fixture
def person(make_employee) -> User:
    return make_employee("it")


class Device:
    """An authenticator app; each call shows the code of a later step, as somebody patient would wait for."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, step: int = 0) -> str:
        return self.at(timezone.now(), step)

    def at(self, now: datetime, step: int = 0) -> str:
        return self.totp.generate_otp(int(now.timestamp()) // 30 + step)


def half(person, client=None, **more) -> Client:
    client = client or Client()
    answer = client.post(SIGN_IN, {"username": person.email, "password": PASSWORD} | more)
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    return client


def offered(client, url=ENROL) -> tuple[Device, dict[str, str]]:
    page = client.get(url).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    return Device(secret), {"sealed": re.search(r'name="sealed" value="([^"]+)"', page)[1]}


def enrolled(person) -> tuple[Client, Device, list[str]]:
    """Sign in for the first time, with the code of the step before, so that the present one is not used yet."""
    client = half(person)
    device, given = offered(client)
    page = client.post(ENROL, given | {"code": device.code(-1)})
    assert page.status_code == 200, page.content.decode()
    return client, device, RECOVERY.findall(page.content.decode())


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


def test_the_owner_makes_new_recovery_codes_after_a_code(person):
    client, device, old = enrolled(person)

    wrong = client.post(NEW_CODES, {"code": "99"})
    page = client.post(NEW_CODES, {"code": device.code()})

    new = RECOVERY.findall(page.content.decode())
    assert (wrong.status_code, len(new)) == (422, 10)
    assert half(person).post(CODE, {"code": old[0]}).status_code == 422
    assert half(person).post(CODE, {"code": new[0]}).status_code == 302
    assert "accounts.user.recovery_codes_made" in event_names()


def test_the_owner_moves_to_another_device_after_a_code_of_each(person):
    client, device, old = enrolled(person)
    other, given = offered(client, DEVICE)

    no_present = client.post(DEVICE, given | {"code": other.code(), "present_code": "99"})
    no_new = client.post(DEVICE, given | {"code": "99", "present_code": device.code()})
    page = client.post(DEVICE, given | {"code": other.code(-1), "present_code": device.code()})

    assert (no_present.status_code, no_new.status_code) == (422, 422)
    assert len(RECOVERY.findall(page.content.decode())) == 10
    assert half(person).post(CODE, {"code": device.code(1)}).status_code == 422
    assert half(person).post(CODE, {"code": old[0]}).status_code == 422
    assert half(person).post(CODE, {"code": other.code()}).status_code == 302
    told = OutboxEvent.objects.filter(name="accounts.user.second_factor_enrolled").order_by("id")
    assert [event.payload["is_next"] for event in told] == [False, True]


def test_a_new_password_keeps_the_second_factor(person):
    _, device, _ = enrolled(person)

    services.password_change(user=person, old_password=PASSWORD, password=NEW_PASSWORD)

    client = Client()
    assert client.post(SIGN_IN, {"username": person.email, "password": NEW_PASSWORD})["Location"] == CODE
    assert client.post(CODE, {"code": device.code()})["Location"] == "/employee/"
    assert is_signed_in(client)


def test_an_admin_resets_another_employees(person, make_employee):
    client, device, codes = enrolled(person)
    admin = make_employee("admin")
    desk, _, _ = enrolled(admin)
    address = reverse("employee:second-factor-reset", args=[person.pk])
    assert address in desk.get(reverse("employee:user-detail", args=[person.pk])).content.decode()
    assert desk.get(address).status_code == 200

    no_reason = desk.post(address, {"reason": " "})
    assert (no_reason.status_code, is_signed_in(client)) == (422, True)
    done = desk.post(address, {"reason": "Lost the phone"})

    assert done["Location"] == reverse("employee:user-detail", args=[person.pk])
    assert not is_signed_in(client)
    event = OutboxEvent.objects.get(name="accounts.user.second_factor_reset")
    assert (event.actor_id, event.payload) == (admin.pk, {"user_id": person.pk, "reason": "Lost the phone"})
    again = half(person)
    assert again.get(CODE)["Location"] == ENROL
    fresh, given = offered(again)
    assert again.post(ENROL, given | {"code": fresh.code()}).status_code == 200
    assert desk.post(address, {"reason": "Again"}).status_code == 303
    assert desk.post(address, {"reason": "Once more"}).status_code == 409


@pytest.mark.parametrize("role", ["support", "finance", "it"])
def test_nobody_else_resets(person, make_employee, role):
    enrolled(person)
    other = make_employee(role, "other@example.org")
    desk, _, _ = enrolled(other)

    answer = desk.post(reverse("employee:second-factor-reset", args=[person.pk]), {"reason": "I say so"})

    assert answer.status_code == 403
    assert selectors.second_factor_get(user_id=person.pk) is not None
    with pytest.raises(Forbidden):
        services.second_factor_reset(actor=other, user_id=person.pk, reason="I say so")


def test_an_admin_resets_neither_the_own_nor_what_is_not_there(make_employee, customer):
    admin = make_employee("admin")
    enrolled(admin)
    reset = services.second_factor_reset

    with pytest.raises(Forbidden):
        reset(actor=admin, user_id=admin.pk, reason="Mine")
    with pytest.raises(errors.UserNotFound):
        reset(actor=admin, user_id=customer.pk, reason="Not an employee")
    with pytest.raises(errors.SecondFactorMissing):
        reset(actor=admin, user_id=make_employee("it").pk, reason="Has none")
    with pytest.raises(InvalidInput):
        reset(actor=admin, user_id=make_employee("finance").pk, reason="x" * 301)


def test_what_cannot_be_told_is_put_back(person, monkeypatch):
    proposal = services.second_factor_propose(user=person)
    code = Device(proposal.secret).code()

    def broken(*_, **__):
        raise RuntimeError("The database went away.")

    monkeypatch.setattr("accounts.services.second_factor.outbox.publish", broken)
    with pytest.raises(RuntimeError):
        services.second_factor_enrol(user=person, proposal=proposal, code=code, now=timezone.now())

    assert selectors.second_factor_get(user_id=person.pk) is None


def test_another_secret_key_leaves_the_recovery_codes_and_no_way_around(person, settings):
    _, device, codes = enrolled(person)
    settings.SECRET_KEY = "another-one-that-nobody-kept"

    with pytest.raises(errors.CodeWrong):
        services.second_factor_check(user=person, code=device.code(), now=timezone.now())
    services.second_factor_check(user=person, code=codes[0], now=timezone.now())


def test_a_kept_secret_key_still_reads_it(person, settings):
    _, device, _ = enrolled(person)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the-next-one"

    services.second_factor_check(user=person, code=device.code(), now=timezone.now())


def test_no_store_has_a_secret_in_clear(person):
    _, device, codes = enrolled(person)
    half(person).post(CODE, {"code": codes[0]})
    secret = device.totp.secret

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = ""
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names from the catalogue
            rows += repr(cursor.fetchall())
    kept = repr(Credentials._documents().find({}, sort=[("user_id", 1)]))

    assert len(tables) > 40
    hidden = [secret, selectors.second_factor_get(user_id=person.pk).ciphertext, *codes]
    assert [one for one in hidden if one in rows] == []
    assert [one for one in (secret, *codes, *(code.replace("-", "") for code in codes)) if one in kept] == []
