"""Which store holds what: PostgreSQL no secret, Logs MongoDB the hashes, Customer MongoDB the profiles."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import selectors, services
from accounts.models import User
from accounts.sessions import SessionStore
from common import outbox_consumers
from common.models import OutboxEvent
from documents import comparison, reconcile
from documents.records import CredentialRecord, ProfileRecord
from documents.repositories import Credentials, Profiles
from tests.accounts.conftest import NEW_PASSWORD, NOBODY, NOW, PASSWORD
from tests.dumps import postgres_dump


def test_postgresql_holds_no_secret_of_any_user(customer, signed_in):
    client = signed_in(customer)
    api = APIClient()
    pair = api.post("/api/v1/auth/token/", {"email": customer.email, "password": PASSWORD}).json()
    client.post("/accounts/password/change/", {"old_password": PASSWORD, "password": NEW_PASSWORD})
    Client(enforce_csrf_checks=False).post(
        "/accounts/sign-in/",
        {"username": customer.email, "password": "a-wrong-guess", "csrfmiddlewaretoken": "form-token" * 6},
    )
    client.post("/accounts/register/", {"email": customer.email, "full_name": "V", "password": "tried-by-a-stranger"})
    client.post("/accounts/password/forgotten/", {"email": customer.email})
    links = [selectors.password_reset_link_path(customer.pk), selectors.email_confirmation_link_path(customer.pk)]
    secrets = {
        "password": PASSWORD,
        "new password": NEW_PASSWORD,
        "hash": Credentials.get(customer.pk).password_hash,
        "cookie": client.cookies["sessionid"].value,
        "access token": pair["access"],
        "refresh token": pair["refresh"],
        "wrong guess": "a-wrong-guess",
        "stranger's password": "tried-by-a-stranger",
        "form token": "form-token" * 6,
        **{link: link.split("/")[-2] for link in links},
    }

    dump = postgres_dump()

    assert "vera@example.org" in dump, "the dump sees the table of users"
    assert "password_reset_requested" in dump, "and that of events"
    assert Session.objects.count() >= 1
    assert "axes_accessattempt.username" in dump
    assert [name for name, secret in secrets.items() if secret in dump] == []


def test_a_row_of_the_session_table_opens_nothing(customer, signed_in):
    client = signed_in(customer)
    stolen = Session.objects.get().session_key
    thief = Client()
    thief.cookies["sessionid"] = stolen

    assert stolen != client.cookies["sessionid"].value
    assert thief.get("/accounts/password/change/").status_code == 302
    assert client.get("/accounts/password/change/").status_code == 200


def test_sessions_end_and_lapse():
    session = SessionStore()
    session["a"] = 1
    session.save()
    again = SessionStore(session.session_key)
    assert again["a"] == 1
    assert SessionStore().exists(session.session_key)

    again["a"] = 2
    again.save()
    assert (SessionStore(session.session_key)["a"], Session.objects.count()) == (2, 1)

    again.cycle_key()
    assert SessionStore(session.session_key).get("a") is None
    assert SessionStore(again.session_key)["a"] == 2

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert SessionStore(again.session_key).get("a") is None
    SessionStore(again.session_key).delete()
    assert Session.objects.count() == 0


# --- the profile ----------------------------------------------------------------------------------------------------
def _confirmed_event(user: User) -> outbox_consumers.Delivered:
    return outbox_consumers.Delivered(
        id=1,
        xid=1,
        name="accounts.user.email_confirmed",
        payload={"user_id": user.pk},
        actor_id=None,
        actor_email="",
        origin="portal",
        request_id="",
        address="",
        occurred_at=NOW,
    )


def test_a_late_event_does_not_overwrite_an_edited_profile(customer):
    from accounts import handlers

    handlers.profile_begin(_confirmed_event(customer))
    edited = ProfileRecord(customer_id=customer.pk, full_name="Edited", updated_at=NOW)
    Profiles.put(edited)

    handlers.profile_begin(_confirmed_event(customer))

    assert Profiles.get(customer.pk) == edited


def test_the_profile_waits_for_customer_mongodb(customer, settings):
    from accounts import handlers

    settings.MONGODB_TIMEOUT_S, settings.CUSTOMER_MONGODB_URL = 0.2, NOBODY

    with pytest.raises(outbox_consumers.Unavailable):
        handlers.profile_begin(_confirmed_event(customer))


def test_only_customers_have_profiles(supplier):
    from accounts import handlers

    handlers.profile_begin(_confirmed_event(supplier))

    assert Profiles.count() == 0


# --- reconciliation -------------------------------------------------------------------------------------------------
def _reconcile(name: str) -> comparison.Counts:
    report = comparison.run(datasets=reconcile.find([name]), is_dry_run=False, progress=lambda *_: None, settle_s=0)
    return report.counts[name]


def _figures(counts: comparison.Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("missing", "orphaned", "repaired", "failed")}


def test_a_missing_profile_comes_back(customer, supplier):
    User.objects.create_user("late@example.org", PASSWORD, kind="customer")  # not confirmed: has no profile yet

    OutboxEvent.objects.all().delete()  # what makes a profile is no longer on its way
    first, second = _reconcile("customers"), _reconcile("customers")

    assert _figures(first) == {"missing": 1, "orphaned": 0, "repaired": 1, "failed": 0}
    assert _figures(second) == {"missing": 0, "orphaned": 0, "repaired": 0, "failed": 0}
    assert (Profiles.count(), Profiles.get(customer.pk).full_name) == (1, "Vera Customer")


def test_a_lost_hash_closes_the_password_until_a_reset(customer, supplier, client):
    Credentials.delete(customer.pk)

    assert _figures(_reconcile("credentials")) == {"missing": 1, "orphaned": 0, "repaired": 1, "failed": 0}
    assert not User.objects.get(pk=customer.pk).has_usable_password()
    assert client.post("/accounts/sign-in/", {"username": customer.email, "password": PASSWORD}).status_code == 422
    client.post(selectors.password_reset_link_path(customer.pk), {"password": NEW_PASSWORD})
    assert client.post("/accounts/sign-in/", {"username": customer.email, "password": NEW_PASSWORD}).status_code == 302
    assert _figures(_reconcile("credentials"))["missing"] == 0


def test_orphaned_hashes_go_after_an_hour(customer):
    old, young = customer.pk + 100, customer.pk + 101
    now = timezone.now()
    Credentials.put(CredentialRecord(user_id=old, password_hash="x", updated_at=now - timedelta(minutes=61)))
    Credentials.put(CredentialRecord(user_id=young, password_hash="x", updated_at=now - timedelta(minutes=59)))

    counts = _reconcile("credentials")

    assert _figures(counts) == {"missing": 0, "orphaned": 1, "repaired": 1, "failed": 0}
    assert (Credentials.get(old), Credentials.get(young) is not None) == (None, True)


def test_events_name_users_and_nothing_else(customer):
    services.password_reset_request(email=customer.email)

    assert OutboxEvent.objects.order_by("-id").first().payload == {"user_id": customer.pk}
