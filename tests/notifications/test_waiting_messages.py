"""Messages of changed passengers, lapsing holds, waiting lists and launches that sell too little."""

import pytest
from django.core import mail as django_mail

from bookings.models import WaitingEntry
from launches.models import Launch
from notifications import handlers
from tests.notifications.builders import (
    NOW,
    booking_payload,
    event,
    make_booking,
    rows,
)
from tests.notifications.happenings import lapsing, lapsing_hold, launch_event, offered_entry
from tests.notifications.told import html_of, send_all, told

pytestmark = pytest.mark.django_db


def test_a_change_says_what_changed_and_how_it_stands(world, ada):
    booking = make_booking(world, ada)
    change = {**booking_payload(booking), "passenger_ids": [1], "seat_labels": ["1A"]}

    mail = told(
        event("bookings.booking.changed", fields=["full_name", "phone"], is_replacement=False, **change),
        "booking_changed",
    )

    assert "Details of the passenger in seat 1A were corrected: name, phone number." in mail.body
    assert "Ada Example" in mail.body
    assert f"/trips/{booking.reference}/" in mail.body


def test_the_warning_says_until_when_in_the_readers_zone_and_where_to_go_on(world, ada):
    hold = lapsing_hold(world, ada)

    mail = told(lapsing(hold), "hold_lapsing")

    assert f"/book/{hold.pk}/passengers/" in mail.body
    assert "some minutes longer on the same page, once" in mail.body
    assert "nothing is charged" in mail.body
    assert "CET" in mail.body or "CEST" in mail.body


@pytest.mark.parametrize(
    "fields", [{"status": "released"}, {"status": "sold"}, {"expires_at": NOW}], ids=["given back", "paid", "over"]
)
def test_nobody_is_warned_of_seats_that_are_paid_or_free(world, ada, fields):
    handlers.event_tell(lapsing(lapsing_hold(world, ada, **fields)))
    send_all()

    assert rows().get().status == "cancelled"
    assert django_mail.outbox == []


def test_an_offer_that_was_answered_meanwhile_is_not_sent(world, ada):
    entry = offered_entry(world, ada)
    WaitingEntry.objects.update(status="declined")

    handlers.event_tell(
        event(
            "bookings.waiting.offered",
            launch_id=world.launch.pk,
            customer_id=ada.pk,
            entry_id=entry.pk,
            party=2,
            seat_labels=["1A", "2A"],
        )
    )
    send_all()

    assert rows().get().status == "cancelled"
    assert django_mail.outbox == []


def test_the_offer_says_its_end_where_the_reader_is(world, ada):
    entry = offered_entry(world, ada)
    place = {"launch_id": world.launch.pk, "customer_id": ada.pk, "entry_id": entry.pk, "party": 2}

    found = told(event("bookings.waiting.offered", seat_labels=["1A", "2A"], **place), "waiting_offered")

    assert found.subject == "Seats for you on New Shepard to the edge of space: answer by 23 November 2026, 13:00 CET"
    for text in (found.body, html_of(found)):
        for fact in (
            "1A, 2A, $500,000 in all.",
            "23 November 2026, 13:00 CET",
            f"http://testserver/waiting/{entry.pk}/",
        ):
            assert fact in text


@pytest.mark.parametrize(
    ("reason", "sentence"), [("launch", "It sells no seats any more"), ("limit", "more than one customer can have")]
)
def test_the_end_of_waiting_says_why(world, ada, reason, sentence):
    place = {"launch_id": world.launch.pk, "customer_id": ada.pk, "entry_id": 1, "party": 2}

    found = told(event("bookings.waiting.closed", reason=reason, **place), "waiting_closed")

    assert sentence in found.body
    assert sentence in html_of(found)


def test_the_viability_warning_says_what_is_missing_and_until_when(world):
    warned = launch_event(
        world, "viability_warned", seats_sold=1, seats_needed=3, seats_on_sale=6, check_on="2027-12-14"
    )

    found = told(warned, "supplier_viability_warning")

    assert found.subject == "Sell 2 more seats or confirm: NS-99, New Shepard to the edge of space, by 13 December 2027"
    for text in (found.body, html_of(found)):
        for fact in ("1 of 6 seats are sold. 3 make the launch viable, so 2 are missing.", "abort it on 14 December"):
            assert fact in text


def test_a_launch_confirmed_meanwhile_is_not_warned_of(world):
    Launch.objects.update(status="confirmed")
    handlers.event_tell(
        launch_event(world, "viability_warned", seats_sold=1, seats_needed=3, seats_on_sale=6, check_on="2027-12-14")
    )
    send_all()

    assert {row.status for row in rows()} == {"cancelled"}
