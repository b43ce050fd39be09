"""
No secret reaches a log, whichever door it came through.

Marked secrets go through pages, API, a command, callbacks and requests that fail with a traceback; then all that we
write for people to read is searched for them: stdout, the system log, the spool, the audit trail, the events.
"""

import io
import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import selectors as account_selectors
from accounts import tokens
from accounts.models import User
from common.models import OutboxEvent
from documents import mongo
from documents.logs import MongoLogHandler
from documents.repositories import AuditTrail, SystemLog
from tests.factories import EmployeeFactory, LaunchFactory, UserFactory
from tests.finance.conftest import WEBHOOK_SECRET

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_empty_log")]

CARD = "4000 0000 0000 0002"  # declined
SECRETS = {
    "password": "marked-Password-7q",
    "wrong password": "marked-Wrong-8w",
    "new password": "marked-New-9e",
    "card": "4000000000000002",
    "cvc": "marked-cvc",
    "API key": "marked-api-key-5t",
    "passport": "MARKED774411",
    "session": "markedsession0123456789abcdefgh",
    "made-up token": "marked-token-6y",
    "webhook secret": "whsec_bWFya2VkLXdlYmhvb2s9",
    "gateway key": "sk_test_markedGatewayKey42",
    "callback signature": "marked-signature-3u",
}


def broken(request: HttpRequest) -> None:
    """A view of ours on a bad day: it fails, and says far too much in its error."""
    log = logging.getLogger("portals.customer.views")
    log.info("Body: %s", request.body.decode(), extra={"headers": dict(request.headers), "payload": _fields(request)})
    raise RuntimeError(f"refused: {_fields(request)!r} sent with {request.headers.get('Authorization')}")


def _fields(request: HttpRequest) -> dict[str, str]:
    return json.loads(request.body) if request.content_type == "application/json" else dict(request.POST.items())


urlpatterns = [path("broken/", broken), path("", include("astrobookings.urls"))]


@pytest.fixture
def stdout():
    """What the process writes to its stdout, by the handler that the settings gave it."""
    (handler,) = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture
def _empty_log():
    for repository in (SystemLog, AuditTrail):
        repository.ensure()
        repository.clear()


def log_flush() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, MongoLogHandler):
            handler.flush()


def by_page(person: User) -> None:
    client = Client(raise_request_exception=False)
    sign_in = reverse("accounts:sign-in")
    client.cookies["sessionid"] = SECRETS["session"]
    client.post(sign_in, {"username": person.email, "password": SECRETS["wrong password"]})
    client.post(sign_in, {"username": person.email, "password": SECRETS["password"]})
    client.post(
        reverse("accounts:change-password"),
        {"old_password": SECRETS["password"], "password": SECRETS["new password"]},
    )
    client.post(
        reverse("accounts:register"),
        {"email": "new@example.org", "full_name": "New Person", "password": SECRETS["password"]},
    )
    client.get(f"/nowhere/?token={SECRETS['made-up token']}&api_key={SECRETS['API key']}")
    client.post("/broken/", {"password": SECRETS["password"], "passport": SECRETS["passport"], "cvc": SECRETS["cvc"]})


def by_links(person: User) -> list[str]:
    """Use links with tokens in their addresses, real and made up; return the tokens."""
    person.refresh_from_db()
    reset = account_selectors.password_reset_link_path(person.pk)
    confirmation = tokens.make(user=person, purpose=tokens.CONFIRMATION, now=timezone.now())
    client = Client(raise_request_exception=False)
    for address in (reset, f"/accounts/confirm/{confirmation}/", f"/no{reset}", f"/no/{confirmation}/"):
        client.get(address)
        client.post(address)
    return [reset.rstrip("/").rpartition("/")[2], confirmation]


def by_api(person: User, launch_id: int) -> list[str]:
    """Sign in, pay, and go wrong in the ways that there are; return the tokens."""
    client = APIClient(raise_request_exception=False)
    client.post("/api/v1/auth/token/", {"email": person.email, "password": SECRETS["wrong password"]})
    pair = client.post("/api/v1/auth/token/", {"email": person.email, "password": SECRETS["new password"]}).json()
    client.post("/api/v1/auth/token/refresh/", {"refresh": SECRETS["made-up token"]})
    passenger = {"full_name": "Ada", "email": "a@example.org", "phone": "+34600000001", "birth_date": "1985-06-15"}
    body = {
        "launch_id": launch_id,
        "passengers": [passenger],
        "payment": {"number": CARD, "expiry": "12/39", "code": "123"},
    }
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    client.post("/api/v1/customer/checkouts/", body, headers=bearer)
    client.post("/api/v1/customer/checkouts/", "{" + json.dumps(body), content_type="application/json", headers=bearer)
    client.post("/api/v1/customer/holds/", {}, headers={"Authorization": f"Bearer {SECRETS['made-up token']}"})
    told = {"card_number": CARD, "cvc": SECRETS["cvc"], "client_secret": SECRETS["gateway key"], "api_key": "x"}
    client.post("/broken/", told, format="json", headers=bearer)
    client.post("/broken/", {"whsec": SECRETS["webhook secret"], "number": CARD}, format="json")
    client.post(
        "/api/v1/payments/callbacks/stripe/",
        {"secret": SECRETS["webhook secret"]},
        headers={"Stripe-Signature": f"t=1,v1={SECRETS['callback signature']}"},
    )
    return [pair["access"], pair["refresh"]]


def by_second_factor(person: User) -> list[str]:
    """Set one up, sign in by page and API, go wrong with each; return the secret and the recovery codes."""
    client = Client(raise_request_exception=False)
    client.post(reverse("accounts:sign-in"), {"username": person.email, "password": SECRETS["password"]})
    page = client.get(reverse("accounts:enrol")).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    given = {"sealed": sealed, "code": pyotp.TOTP(secret).now()}
    codes = re.findall(r"<code>([\d-]{24})</code>", client.post(reverse("accounts:enrol"), given).content.decode())
    assert len(codes) == 10
    client = Client(raise_request_exception=False)
    client.post(reverse("accounts:sign-in"), {"username": person.email, "password": SECRETS["password"]})
    for code in (codes[0], codes[0], secret):
        client.post(reverse("accounts:code"), {"code": code})
    for code in codes[1:3] * 2:
        APIClient().post("/api/v1/auth/token/", {"email": person.email, "password": SECRETS["password"], "code": code})
    client.post("/broken/", {"secret": secret, "recovery": codes[3], "address": f"otpauth://totp/x?secret={secret}"})
    return [secret, sealed, *codes]


def by_command(monkeypatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", SECRETS["new password"])
    call_command("createsuperuser", "--email", "root@example.org")
    with pytest.raises(CommandError):
        call_command("createsuperuser", "--email", "root@example.org")


@override_settings(ROOT_URLCONF="tests.test_secrets", STRIPE_WEBHOOK_SECRET=WEBHOOK_SECRET)
def test_marked_secrets_reach_nothing_that_people_read(monkeypatch, stdout, settings, mongo_servers, deliver):
    person = UserFactory(password=SECRETS["password"])
    launch = LaunchFactory(departure_at=timezone.now() + timedelta(days=500))
    hidden = list(SECRETS.values())

    by_page(person)
    hidden += by_links(person)
    hidden += by_api(person, launch.pk)
    settings.EMPLOYEE_SECOND_FACTOR = True
    hidden += by_second_factor(EmployeeFactory(password=SECRETS["password"], employee_role="it"))
    by_command(monkeypatch)
    deliver()
    log_flush()
    mongo_servers.logs.stop()  # from here on the log waits on disk
    by_page(person)
    hidden += by_links(person)
    log_flush()
    spool = "".join(file.read_text() for file in Path(settings.LOG_SPOOL_DIR).glob("*.jsonl"))
    mongo_servers.logs.start()
    mongo.close()  # a new client need not find out first that the server is back

    written = {
        "stdout": stdout.getvalue(),
        "system log": repr(SystemLog._documents().find({}, sort=[("key", 1)])),
        "spool": spool,
        "audit trail": repr(AuditTrail._documents().find({}, sort=[("key", 1)])),
        "events": repr(list(OutboxEvent.objects.values())),
    }
    for place, sign in (
        ("stdout", "RuntimeError: refused"),
        ("system log", "RuntimeError: refused"),
        ("spool", "RuntimeError: refused"),
        ("audit trail", "accounts.user.password_changed"),
        ("audit trail", "accounts.user.recovery_code_used"),
        ("events", "finance.payment.declined"),
    ):
        assert sign in written[place], f"Nothing was written to {place}"
    leaks = [(place, secret) for place, text in written.items() for secret in hidden if secret in text]
    assert leaks == []
    assert CARD not in "".join(written.values())


def test_a_secret_that_is_not_masked_is_seen(stdout):
    """The control: the same look at a line that nobody masks."""
    logging.getLogger("portals").warning("The word is %s", SECRETS["cvc"])

    assert SECRETS["cvc"] in stdout.getvalue()
