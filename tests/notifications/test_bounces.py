"""Mails that come back: what providers tell, what is mailed to such addresses after it, and how they get well again."""

import hashlib
import hmac
import json
from base64 import b64encode

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from astrobookings.settings import env
from common.models import OutboxEvent
from common.outbox_consumers import delivered
from notifications import handlers, selectors, services
from notifications.models import BouncedAddress, Notification
from tests.notifications.builders import NOW, confirmed, event, make_booking, make_it, make_row, make_user, make_world
from tests.notifications.mails import mail_to, send

pytestmark = pytest.mark.django_db
SECRET = "postmark:a-long-enough-password"
ADA = "ada@example.org"


@pytest.fixture
def world():
    return make_world(status="confirmed")


@pytest.fixture
def ada(world):
    ada = make_user(ADA)
    make_booking(world, ada)
    return ada


@pytest.fixture(autouse=True)
def postmark(settings):
    settings.MAIL_PROVIDER, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": SECRET}


def tell(row, *, secret=SECRET, provider="postmark", to=None, **fields):
    """Tell of a bounce as Postmark does."""
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "Email": to or row.address,
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Metadata": {"notification": str(row.pk)},
        "Details": "550 5.1.1 no such\r\nuser",
        "BouncedAt": "2026-11-22T12:00:00Z",
    } | fields
    head = {"HTTP_AUTHORIZATION": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/mails/tracking/{provider}/", json.dumps(body), content_type="application/json", **head)


def news(world, number=1):
    """Tell of a confirmed launch: its customers may switch that off."""
    payload = {"launch_id": world.launch.pk, "supplier_id": world.supplier.pk, "version": 2}
    handlers.event_tell(event("launches.launch.confirmed", id=number, **payload))
    send()


def sent_to(address=ADA):
    return Notification.objects.filter(address=address).latest("pk")


def hear():
    """Let messages be made of what was published about addresses."""
    for row in OutboxEvent.objects.filter(name__startswith="notifications.address."):
        handlers.event_tell(delivered(row))


# --- what a provider tells -------------------------------------------------------------------------------------------
def test_a_bounce_marks_the_message_and_only_what_must_be_is_mailed_after_it(world, ada):
    news(world)
    row = sent_to()
    assert mail_to(ADA)[0].metadata == {"notification": str(row.pk)}

    answers = [tell(row).status_code, tell(row).status_code]

    row.refresh_from_db()
    assert answers == [200, 200]
    assert (row.status, row.latest_error) == ("bounced", "Mails come back. 550 5.1.1 no such user")
    assert [one.address for one in BouncedAddress.objects.all()] == [ADA]
    news(world, 2)
    assert mail_to(ADA) == []
    latest = Notification.objects.filter(receiver=ada).latest("pk")
    assert (latest.status, latest.address, latest.latest_error) == (
        "sent",
        "",
        "Not mailed: mails to ada@example.org come back. It is in the inbox.",
    )
    handlers.event_tell(confirmed(make_booking(world, ada)))
    send()
    assert [mail.subject[:7] for mail in mail_to(ADA)] == ["Booked:"]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({}, {"en": "Mails to your address come back", "es": "Los correos a su dirección nos vuelven"}),
        (
            {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
            {
                "en": "You reported one of our mails as unwanted",
                "es": "Usted marcó uno de nuestros correos como no deseado",
            },
        ),
    ],
    ids=["bounce", "complaint"],
)
def test_the_person_is_told_once_in_the_inbox_and_not_by_mail(world, ada, fields, subject, language):
    ada.language = language
    ada.save()
    news(world)
    tell(sent_to(), **fields)
    tell(sent_to(), **fields)

    hear()
    send()

    told = Notification.objects.filter(template="address_bounced")
    assert [(row.receiver, row.subject, row.address, row.status) for row in told] == [
        (ada, subject[language], "", "sent")
    ]
    assert told[0].link == "/preferences/"
    assert told[0] in selectors.inbox_list(user=ada)
    assert mail_to(ADA) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"Type": "Transient"},
        {"Type": "SoftBounce"},
        {"RecordType": "Delivery", "DeliveredAt": "2026-11-22T12:00:00Z"},
        {"RecordType": "Open", "ReceivedAt": "2026-11-22T12:00:00Z"},
        {"Type": "Blocked"},
        {"Metadata": {}},
        {"Metadata": {"notification": "1e9"}},
        {"Metadata": {"notification": "999999"}},
        {"to": "somebody-else@example.org"},
    ],
    ids=[
        "put off",
        "may pass",
        "delivered",
        "opened",
        "blocked",
        "not ours",
        "no number",
        "unknown",
        "another address",
    ],
)
def test_what_says_nothing_of_the_address_changes_nothing(world, ada, fields):
    news(world)

    answer = tell(sent_to(), **fields)

    assert answer.status_code == 200
    assert sent_to().status == "sent"
    assert BouncedAddress.objects.count() == 0


def test_mailgun_proves_itself_by_its_signature_too(world, ada, settings):
    settings.MAIL_PROVIDER = "mailgun"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": "key"}
    news(world)
    row = sent_to()
    told = {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": "x",
        "timestamp": 1795348800.0,
        "recipient": "Ada@example.org",
        "user-variables": {"notification": str(row.pk)},
        "delivery-status": {"code": 550, "message": "no such user"},
    }
    codes = []

    for key in ("other", "key"):
        signature = hmac.new(key.encode(), b"1795348800token", hashlib.sha256).hexdigest()
        proof = {"timestamp": "1795348800", "token": "token", "signature": signature}
        answer = tell(row, provider="mailgun", **{"signature": proof, "event-data": told})
        codes.append((answer.status_code, BouncedAddress.objects.count()))

    assert codes == [(400, 0), (200, 1)]


def by_brevo(row, is_hard):
    return {
        "event": "hard_bounce" if is_hard else "soft_bounce",
        "email": row.address,
        "X-Mailin-custom": json.dumps({"notification": str(row.pk)}),
        "ts_epoch": 1795348800000,
    }


def by_sparkpost(row, is_hard):
    told = {
        "type": "bounce",
        "bounce_class": "10" if is_hard else "22",
        "raw_rcpt_to": row.address,
        "rcpt_meta": {"notification": str(row.pk)},
        "timestamp": "1795348800",
    }
    return [{"msys": {"message_event": told}}]


@pytest.mark.parametrize(("is_hard", "count"), [(True, 1), (False, 0)], ids=["for good", "may pass"])
@pytest.mark.parametrize(("provider", "make"), [("brevo", by_brevo), ("sparkpost", by_sparkpost)])
def test_each_provider_tells_what_is_for_good(world, ada, settings, provider, make, is_hard, count):
    settings.MAIL_PROVIDER = provider
    news(world)
    head = {"HTTP_AUTHORIZATION": f"Basic {b64encode(SECRET.encode()).decode()}"}
    told = json.dumps(make(sent_to(), is_hard))

    answer = Client().post(f"/mails/tracking/{provider}/", told, content_type="application/json", **head)

    assert (answer.status_code, BouncedAddress.objects.count()) == (200, count)


# --- who may tell ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("secret", ["", "postmark:wrong", "wrong"])
def test_without_the_secret_nothing_is_believed(world, ada, secret):
    news(world)

    assert tell(sent_to(), secret=secret).status_code == 400
    assert (sent_to().status, BouncedAddress.objects.count()) == ("sent", 0)


@pytest.mark.parametrize("body", ["[]", "null", "[" * 50_000], ids=["list", "null", "deep"])
@pytest.mark.parametrize("provider", ["mailgun", "postmark"])
def test_what_cannot_be_read_is_refused_also_with_the_secret(settings, provider, body):
    settings.MAIL_PROVIDER = provider
    settings.ANYMAIL |= {"MAILGUN_WEBHOOK_SIGNING_KEY": "a-key"}
    head = {"HTTP_AUTHORIZATION": f"Basic {b64encode(SECRET.encode()).decode()}"}

    answer = Client().post(f"/mails/tracking/{provider}/", body, content_type="application/json", **head)

    assert answer.status_code == 400


def test_a_reason_with_halves_of_characters_is_kept(world, ada):
    news(world)
    row = sent_to()

    answer = tell(row, Details="550 \ud83d gone")

    row.refresh_from_db()
    assert (answer.status_code, row.status, row.latest_error) == (200, "bounced", "Mails come back. 550 ? gone")


def test_the_door_is_closed_by_default_and_to_other_providers(world, ada, settings):
    news(world)
    row = sent_to()

    assert [tell(row, provider=name).status_code for name in ("mailgun", "nobody")] == [404, 404]
    assert tell(row, Metadata=None, BouncedAt=None, Type=["x"]).status_code == 400
    settings.ANYMAIL = {}
    assert tell(row, secret="").status_code == 404
    assert tell(row).status_code == 404
    assert BouncedAddress.objects.count() == 0


def test_the_secret_in_the_settings_is_long_and_of_two_parts(monkeypatch):
    monkeypatch.delenv("MAIL_WEBHOOK_SECRET", raising=False)
    assert env.mail_tracking() == {}
    monkeypatch.setenv("MAIL_WEBHOOK_SECRET", SECRET)
    assert env.mail_tracking() == {"WEBHOOK_SECRET": SECRET}
    for wrong in ("a-long-enough-password", "postmark:short", ":a-long-enough-password"):
        monkeypatch.setenv("MAIL_WEBHOOK_SECRET", wrong)
        with pytest.raises(ImproperlyConfigured, match="MAIL_WEBHOOK_SECRET must look like user:password") as refused:
            env.mail_tracking()
        assert wrong not in str(refused.value)


# --- getting well again ----------------------------------------------------------------------------------------------
def test_another_address_is_mailed_to_as_ever_and_its_user_is_not_told_of_the_old_one(world, ada):
    news(world)
    row = sent_to()
    ada.email = "ada@new.example.org"
    ada.save()

    tell(row)
    hear()
    news(world, 2)

    assert Notification.objects.filter(template="address_bounced").count() == 0
    assert len(mail_to("ada@new.example.org")) == 1


def test_it_sees_what_bounced_and_clears_the_address(world, ada, client):
    news(world)
    row = sent_to()
    tell(row)
    client.force_login(make_it())
    queue = "/employee/messages/"

    page = client.get(f"{queue}?status=bounced").text
    cleared = client.post(f"{queue}{row.pk}/clear-address/", follow=True).text
    again = client.post(f"{queue}{row.pk}/clear-address/", follow=True).text

    assert "Bounced" in page
    assert "550 5.1.1 no such user" in page
    assert "Clear address" in page
    assert "Everything is mailed to ada@example.org again." in cleared
    assert "somebody has cleared it already" in again
    assert OutboxEvent.objects.latest("pk").name == "notifications.address.cleared"
    news(world, 2)
    assert len(mail_to(ADA)) == 1


def test_only_it_clears_addresses(world, ada, client):
    news(world)
    row = sent_to()
    tell(row)
    client.force_login(make_user("support@example.org", kind="employee", employee_role="support"))

    assert client.post(f"/employee/messages/{row.pk}/clear-address/").status_code == 403
    assert BouncedAddress.objects.count() == 1


def test_a_message_that_bounced_can_be_sent_again(ada):
    row = make_row(1, status="bounced", receiver=ada)

    services.notification_retry(actor=make_it(), notification_id=row.pk, now=NOW)

    row.refresh_from_db()
    assert row.status == "pending"


def test_a_bounce_that_comes_before_our_own_record_is_kept(ada):
    row = make_row(1, status="sending", lease="0" * 32, receiver=ada)

    services.bounce_record(notification_id=row.pk, address=row.address, kind="bounced", said="", now=NOW)

    row.refresh_from_db()
    assert (row.status, row.lease, row.latest_error) == ("bounced", None, "Mails come back.")


def test_an_address_without_an_account_is_suppressed_too(world):
    world.supplier.members.all().delete()
    payload = {"launch_id": world.launch.pk, "supplier_id": world.supplier.pk, "version": 2}
    handlers.event_tell(event("launches.launch.launched", **payload))
    send()
    tell(sent_to("desk@red-rock.example"))
    hear()

    handlers.event_tell(event("launches.launch.launched", id=2, **payload))
    send()

    latest = sent_to("desk@red-rock.example")
    assert mail_to("desk@red-rock.example") == []
    assert (latest.status, latest.latest_error) == (
        "cancelled",
        "Not mailed: mails to desk@red-rock.example come back.",
    )
