"""Every message, with hostile data, in both languages, in shipped and in edited words."""

import pytest

from launches.models import Launch, Rocket
from notifications import handlers, rendering, wordings
from notifications.models import MessageWording
from tests.notifications.builders import (
    HOSTILE,
    NOW,
    cancelled,
    event,
    make_booking,
    make_it,
    make_user,
    rows,
)
from tests.notifications.happenings import every_event
from tests.notifications.told import html_of, send_all, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "greeting"), [("en", "\n\nHello"), ("es", "\n\nHola")])
@pytest.mark.parametrize("is_edited", [False, True], ids=["shipped words", "the same words edited by IT"])
def test_every_message_withstands_hostile_data(world, ada, is_edited, language, greeting):
    for template in rendering.MAKERS if is_edited else ():
        words = wordings.shipped(template=template, language=language)
        parts = {part: words.source(part) for part in wordings.FILES}
        MessageWording.objects.create(
            template=template, language=language, number=1, editor=ada, edited_at=NOW, published_at=NOW, **parts
        )
    Rocket.objects.update(name=HOSTILE[:80])
    type(world.supplier).objects.update(trade_name=HOSTILE[:100])
    Launch.objects.update(mission_name=HOSTILE, status="confirmed")
    ada.full_name = HOSTILE
    ada.save()
    make_it()
    make_user("money@example.org", kind="employee", employee_role="finance")
    make_booking(world, ada)
    booking = make_booking(world, ada, names=(HOSTILE, "Ada Example"))
    fresh = make_user("new@example.org", full_name=HOSTILE, email_confirmed_at=None)
    handlers.event_tell(event("accounts.user.confirmation_requested", id=99, user_id=fresh.pk))
    for number, happened in enumerate(every_event(world, booking), start=100):
        type(ada).objects.update(language=language)
        handlers.event_tell(type(happened)(**{**vars(happened), "id": number}))

    mails = send_all()

    assert {row.template for row in rows() if row.status == "sent"} == set(rendering.MAKERS)
    assert set(rows().values_list("status", flat=True)) == {"sent"}
    for found in mails:
        message = found.message()
        assert found.recipients() == found.to
        assert len(found.to) == 1
        assert message["Bcc"] is None
        assert "\n" not in found.subject
        html = html_of(found)
        assert "<script" not in html
        assert "{{" not in html + found.body
        assert "{%" not in html + found.body
        assert "None" not in html + found.body
        assert "&lt;" not in found.body
        assert "&amp;" not in found.subject
        assert "support@astrobookings.example" in html
        assert "support@astrobookings.example" in found.body
        assert greeting in found.body
        assert message["Content-Language"] == language
        assert f'<html lang="{language}">' in html
        assert "http://testserver" in found.body
    assert any("&lt;script&gt;" in html_of(found) for found in mails)
    assert all(row.subject and "\n" not in row.subject for row in rows())
    assert not MessageWording.objects.exclude(broken_at=None).exists()


def test_text_and_html_say_the_same_facts(world, ada):
    booking = make_booking(world, ada, names=("Ada Example", "Bob Example"), reference="QK7M3P")

    found = told(cancelled(booking, is_whole=False, passenger_ids=[1]), "booking_cancelled")

    assert found.subject == "Partly cancelled: New Shepard to the edge of space, reference QK7M3P"
    for fact in ("1 of your seats is cancelled", "$225,000", "up to ten days", "QK7M3P", "Bob Example"):
        assert fact in found.body
        assert fact in html_of(found)
