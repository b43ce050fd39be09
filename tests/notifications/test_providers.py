"""Mail providers by their own API, against a double of one, and what EMAIL_URL may say."""

import os
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from astrobookings.settings import env
from notifications import services
from tests.notifications.builders import NOW, make_row

KEY = "key-very-secret"


@dataclass
class Mailgun:
    """What the double answers, and what it was asked: as much of Mailgun's API as a mail needs."""

    port: int = 0
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def mailgun(settings) -> Iterator[Mailgun]:
    double = Mailgun()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            double.asked.append({"path": self.path, "auth": self.headers["Authorization"], **body})
            said = b'{"id": "<1@example.org>", "message": "Queued. Thank you."}'
            if double.status != 200:
                said = b'{"message": "to parameter is not a valid address"}'
            self.send_response(double.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"anymail+mailgun://{KEY}@mg.example.org?api_url=http://127.0.0.1:{double.port}/v3"
    for name, value in env.mail(url).items():
        setattr(settings, name, value)
    yield double
    server.shutdown()
    server.server_close()


def send(now=NOW):
    return services.notifications_send_due(now=now, limit=50)


@pytest.mark.django_db(transaction=True)
def test_a_mail_goes_to_the_provider_with_all_its_parts_and_headers(mailgun):
    row = make_row()

    assert send().sent == 1

    (asked,) = mailgun.asked
    assert asked["path"] == "/v3/mg.example.org/messages"
    assert asked["auth"] == "Basic " + b64encode(f"api:{KEY}".encode()).decode()
    assert (asked["to"], asked["subject"]) == ([row.address], ["Your password was changed"])
    assert asked["from"] == ["Astro Bookings <bookings@astrobookings.example>"]
    assert asked["h:Message-Id"] == [row.message_id]
    assert asked["h:Reply-To"] == ["support@astrobookings.example"]
    assert "22 November 2026" in asked["text"][0]
    assert "<html" in asked["html"][0]
    row.refresh_from_db()
    assert row.status == "sent"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [401, 402, 404, 429, 500, 503])
def test_an_answer_about_us_or_that_will_pass_is_tried_again_and_stops_the_round(mailgun, status):
    first, second = make_row(1, due_at=NOW - timedelta(minutes=1)), make_row(2)
    mailgun.status = status

    outcome = send()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (outcome.postponed, outcome.is_server_away, len(mailgun.asked)) == (1, True, 1)
    assert (first.status, second.status, second.attempts) == ("pending", "pending", 0)
    assert f"Mailgun API response {status}" in first.latest_error
    assert KEY not in first.latest_error
    mailgun.status = 200
    assert send(now=NOW + timedelta(minutes=5)).sent == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [400, 413, 422])
def test_an_answer_to_this_very_mail_fails_it_and_holds_up_nobody(mailgun, status):
    rows = [make_row(1), make_row(2)]
    mailgun.status = status

    outcome = send()

    assert (outcome.failed, outcome.is_server_away, len(mailgun.asked)) == (2, False, 2)
    for row in rows:
        row.refresh_from_db()
        assert row.status == "failed"
        assert "not a valid address" in row.latest_error


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_does_not_answer_is_tried_again(mailgun, settings):
    row = make_row()
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "http://127.0.0.1:1/v3"}

    outcome = send()

    row.refresh_from_db()
    assert (outcome.postponed, outcome.is_server_away, row.status) == (1, True, "pending")
    assert KEY not in row.latest_error


# --- settings --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("provider", sorted(env.MAIL_PROVIDERS))
def test_every_provider_named_can_be_set_and_opened(provider, settings):
    from django.core.mail import get_connection

    domain = "mg.example.org" if "domain" in env.MAIL_PROVIDERS[provider] else ""
    values = env.mail(f"anymail+{provider}://a%2Fkey@{domain}?api_url=https://eu.example.org/api/")
    for name, value in values.items():
        setattr(settings, name, value)

    backend = get_connection()

    assert values["MAIL_PROVIDER"] == provider
    assert "a/key" in values["ANYMAIL"].values()
    assert backend.api_url == "https://eu.example.org/api/"


def test_smtp_keeps_its_shapes():
    found = env.mail("smtp+tls://us%40er:pass@mail.example.org:587")

    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_HOST_USER"]) == ("mail.example.org", 587, "us@er")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"], found["MAIL_PROVIDER"]) == (True, False, "mail.example.org")
    assert env.mail("smtps://mail.example.org")["EMAIL_PORT"] == 465


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("imap://x", "EMAIL_URL must look like smtp"),
        ("smtp://", "EMAIL_URL must look like smtp"),
        ("smtp://host:mail", "EMAIL_URL: the port is not a number"),
        ("anymail+pigeon://key@x", "EMAIL_URL: there is no mail provider 'pigeon' here. There are: mailgun,"),
        (
            "anymail+mailgun://@mg.example.org",
            "EMAIL_URL: the key is missing. It must look like anymail.mailgun://key@",
        ),
        ("anymail+mailgun://secret@", "EMAIL_URL: the domain is missing."),
        ("anymail+postmark://", "EMAIL_URL: the key is missing."),
        ("anymail+postmark://secret@?region=eu", "EMAIL_URL: after anymail.postmark:// only the key"),
        ("anymail+postmark://secret@?api_url=ftp://x", "EMAIL_URL: api_url must begin with https://"),
        ("anymail+resend://secret:more@", "EMAIL_URL: after anymail.resend:// only the key"),
    ],
)
def test_a_wrong_address_is_said_without_its_key(url, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence) as refused:
        env.mail(url)

    assert "secret" not in str(refused.value)


def test_a_wrong_address_stops_the_start_with_the_sentence():
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "astrobookings.settings.test",
        "EMAIL_URL": "anymail+pigeon://secret@x",
    }

    start = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], env=surroundings, capture_output=True, text=True
    )

    assert start.returncode != 0
    assert "there is no mail provider 'pigeon' here" in start.stderr
