"""Messages of moves and slips."""

from datetime import timedelta

import pytest

from bookings import selectors as booking_selectors
from launches.models import Launch
from notifications import handlers, services
from notifications.models import Notification
from tests.notifications.builders import (
    DEPARTURE,
    NOW,
    booking_payload,
    cancelled,
    event,
    make_booking,
    rows,
)
from tests.notifications.happenings import delayed, moved, open_slip
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db


def test_a_delay_names_the_bookings_references(world, ada):
    make_booking(world, ada, reference="QK7M3P")
    make_booking(world, ada, reference="ACDEFG")
    Launch.objects.update(status="delayed", reason="x", departure_at=DEPARTURE + timedelta(days=20))

    found = told(delayed(world, departure_at=(DEPARTURE + timedelta(days=20)).isoformat()), "launch_delayed")

    for text in (found.body, html_of(found)):
        assert "QK7M3P, ACDEFG" in text


def test_who_is_asked_about_a_slip_gets_one_mail_with_a_link_that_needs_no_signing_in(world, ada, client):
    booking = make_booking(world, ada, reference="QK7M3P")
    Launch.objects.update(status="delayed", reason="A valve.", departure_at=DEPARTURE)
    decision = open_slip(booking)
    handlers.event_tell(delayed(world, slip_days=40))
    assert list(rows().values_list("template", flat=True)) == ["supplier_launch_moved"]

    opened = event(
        "bookings.slip.opened",
        id=7,
        decision_id=str(decision.pk),
        old_departure_precision="minute",
        reason="A valve.",
        **booking_payload(booking),
    )
    found = told(opened, "slip_opened")

    path = f"/slips/{booking_selectors.slip_token(decision.pk)}/"
    for text in (found.body, html_of(found)):
        for fact in ("QK7M3P", "3 Feb 2028", "14 Mar 2028", "A valve.", "6 December 2026, 13:00 CET", "$250,000 back"):
            assert fact in text, fact
        assert f"http://testserver{path}" in text
    assert client.get(path).context["sight"].decision == decision
    (row,) = rows().filter(template="slip_opened")
    assert row.link == "/trips/QK7M3P/"
    assert "/slips/" not in str(vars(row))


@pytest.mark.parametrize("name", ["opened", "reminded"])
def test_a_question_that_is_answered_is_not_asked_by_mail(world, ada, name):
    booking = make_booking(world, ada)
    decision = open_slip(booking)
    decision.status = "kept"
    decision.save()
    values = {"old_departure_precision": "minute", "reason": "x", **booking_payload(booking)}
    handlers.event_tell(event(f"bookings.slip.{name}", decision_id=str(decision.pk), **values))
    Notification.objects.update(due_at=NOW)
    services.notifications_send_due(now=NOW, limit=10)
    assert list(rows().values_list("status", flat=True)) == ["cancelled"]


@pytest.mark.parametrize(("new", "said"), [("690000", "$210,000 goes back"), ("950000", "You paid $50,000 more")])
def test_a_move_is_confirmed_with_its_money(world, ada, new, said):
    booking = make_booking(world, ada, reference="QK7M3P")
    found = told(moved(booking, from_launch_id=world.launch.pk, new=new), "booking_moved")
    assert found.subject == "Moved: New Shepard to the edge of space, reference QK7M3P"
    assert said in found.body
    assert said in html_of(found)


def test_who_leaves_after_a_slip_is_not_told_of_an_abort_and_the_desk_hears_of_it(world, ada):
    booking = make_booking(world, ada, reference="QK7M3P", status="cancelled")
    happened = cancelled(booking, cause="supplier", reason="the departure was moved", frees_seats=True)
    found = told(happened, "booking_cancelled")
    assert "As you asked after the departure was moved" in found.body
    assert "called off" not in found.body + html_of(found)
    assert rows().filter(template="supplier_booking_cancelled").exists()
