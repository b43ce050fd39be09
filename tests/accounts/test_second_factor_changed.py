"""A second factor is changed by its owner, reset by an admin, and kept as a secret."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import errors, selectors, services
from common.errors import Forbidden, InvalidInput
from common.models import OutboxEvent
from documents.repositories import Credentials
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, event_names, is_signed_in
from tests.accounts.devices import CODE, DEVICE, ENROL, NEW_CODES, RECOVERY, SIGN_IN, Device, enrolled, half, offered

pytestmark = pytest.mark.usefixtures("second_factor_on", "standing_clock")


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
