"""What addresses without an account want by mail: suppliers' contacts, who have no inbox and no page to choose."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from common.models import OutboxEvent
from notifications import handlers, policies, tokens
from notifications.models import MailOptOut, Notification
from tests.notifications.builders import NOW, event, make_user, make_world
from tests.notifications.mails import link_of, mail_to, send

pytestmark = pytest.mark.django_db
DESK = "desk@red-rock.example"


@pytest.fixture
def desk():
    """A supplier that nobody has an account at: its contact address gets the mails."""
    world = make_world(status="confirmed")
    world.supplier.members.all().delete()
    return world


def mark_of(address) -> str:
    return tokens.address_marks(policies.address_digest(address))[0]


def moved(world, number=1):
    """Tell a supplier that its launch has flown; that is optional."""
    payload = {"launch_id": world.launch.pk, "supplier_id": world.supplier.pk, "version": 2}
    handlers.event_tell(event("launches.launch.launched", id=number, **payload))
    send()


def test_a_contact_address_switches_mails_off_with_one_click_and_on_again(desk, client):
    moved(desk)
    (mail,) = mail_to(DESK)
    link = link_of(mail)

    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Get no more mails about moves of launches: http://testserver{link}" in mail.body
    assert "Choose your mails" not in mail.body
    assert "desk" not in link
    assert "so there is no inbox where they would stay" in client.get(link).text

    answer = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})

    assert "nobody is told instead" in answer.text
    (row,) = MailOptOut.objects.all()
    assert (row.user, row.address_digest, row.topic) == (None, mark_of(DESK), "launches")
    assert OutboxEvent.objects.latest("pk").payload == {"address_digest": row.address_digest, "off": ["launches"]}
    moved(desk, 2)
    assert mail_to(DESK) == []
    latest = Notification.objects.get(dedupe_key__startswith="2:", address=DESK)
    assert (latest.status, latest.latest_error) == (
        "cancelled",
        "Not mailed: Moves of your launches is switched off by whoever reads this address.",
    )

    client.post(link, {"on": "1"})
    moved(desk, 3)
    assert len(mail_to(DESK)) == 1


def test_what_a_contact_address_switches_off_is_nobody_elses(desk, client):
    moved(desk)
    client.post(link_of(mail_to(DESK)[0]))
    desk.supplier.contact_email = "new-desk@red-rock.example"
    desk.supplier.save()

    moved(desk, 2)

    (mail,) = mail_to("new-desk@red-rock.example")
    assert "No more mails about this?" in client.get(link_of(mail)).text
    client.post(link_of(mail), {"on": "1"})
    assert [row.address_digest for row in MailOptOut.objects.all()] == [mark_of(DESK)]


def test_what_stands_for_an_address_cannot_be_guessed_without_our_key(desk, client, settings):
    moved(desk)
    client.post(link_of(mail_to(DESK)[0]))

    kept = MailOptOut.objects.get().address_digest
    assert kept != policies.address_digest(DESK)
    assert OutboxEvent.objects.latest("pk").payload["address_digest"] == kept
    settings.SECRET_KEY = "another"
    assert mark_of(DESK) != kept


@pytest.mark.parametrize("kept", ["by a version before", "under the key before"])
def test_what_an_address_switched_off_earlier_stays_off_and_can_be_switched_on(kept, desk, client, settings):
    moved(desk)
    link = link_of(mail_to(DESK)[0])
    client.post(link)
    if kept == "by a version before":
        MailOptOut.objects.update(address_digest=policies.address_digest(DESK))
    else:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    moved(desk, 2)
    assert mail_to(DESK) == []
    client.post(link)
    assert MailOptOut.objects.count() == 1

    client.post(link, {"on": "1"})
    moved(desk, 3)
    assert len(mail_to(DESK)) == 1


def test_the_upgrade_puts_what_was_kept_under_our_key(desk):
    ada = make_user("ada@example.org")
    MailOptOut.objects.create(address_digest=policies.address_digest(DESK), topic="launches", created_at=NOW)
    MailOptOut.objects.create(user=ada, topic="launches", created_at=NOW)

    import_module("notifications.migrations.0011_keyed_marks_of_addresses").marks_key(apps, None)

    rows = MailOptOut.objects.order_by("pk").values_list("user", "address_digest")
    assert list(rows) == [(None, mark_of(DESK)), (ada.pk, "")]


def test_what_a_contact_address_must_hear_cannot_be_switched_off(desk):
    handlers.event_tell(event("launches.supplier.approved", supplier_id=desk.supplier.pk, reason="", at=NOW))
    send()

    (mail,) = mail_to(DESK)
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "Get no more mails" not in mail.body


def test_the_link_of_an_address_cannot_be_turned_into_another(desk, client):
    moved(desk)
    link = link_of(mail_to(DESK)[0])
    other = policies.address_digest("other@example.org")

    forged = [link.replace(policies.address_digest(DESK), other), link.replace("-launches", "-bookings")]

    assert [client.post(one).status_code for one in forged] == [404, 404]
    assert MailOptOut.objects.count() == 0


def test_the_database_keeps_a_choice_to_one_user_or_one_address():
    ada = make_user("ada@example.org")

    for whose in ({}, {"user": ada, "address_digest": "0" * 32}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MailOptOut.objects.create(topic="bookings", created_at=NOW, **whose)
