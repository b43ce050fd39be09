"""What messages say: a confirmation word by word, amounts, dates, cancellations and delays."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail as django_mail

from launches.models import Launch
from notifications import handlers, selectors
from tests.notifications.builders import (
    DEPARTURE,
    booking_payload,
    cancelled,
    confirmed,
    make_booking,
    make_it,
    rows,
)
from tests.notifications.happenings import (
    delayed,
    launch_event,
    money_event,
)
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db


def test_the_confirmation_says_all_that_was_booked(world, ada):
    booking = make_booking(world, ada, names=("Ada Example", "Bob Example"), reference="QK7M3P")

    found = told(confirmed(booking), "booking_confirmed")

    assert found.to == ["ada@example.org"]
    assert found.subject == "Booked: New Shepard to the edge of space, reference QK7M3P"
    facts = [
        "Hello Ada Example,",
        "QK7M3P",
        "New Shepard to the edge of space",
        "Red Rock Rockets",
        "14 Mar 2028, 09:30 CDT",
        "14 Mar 2028, 15:30 CET where you are",
        "Corn Ranch",
        "1A",
        "Ada Example",
        "2A",
        "Bob Example",
        "$250,000",
        "$500,000",
        "Cancel by 14 March 2027: you get $450,000 of $500,000 back (90 %).",
        "Cancel by 14 December 2027: you get $350,000 of $500,000 back (70 %).",
        "Later than that, nothing comes back.",
        "http://testserver/trips/QK7M3P/",
        "support@astrobookings.example",
    ]
    for text in (found.body, html_of(found)):
        assert [fact for fact in facts if fact not in text] == []
    (row,) = rows().filter(template="booking_confirmed")
    assert (row.link, row.receiver, row.request_id) == ("/trips/QK7M3P/", ada, "req-1")


def test_an_amount_that_does_not_divide_is_said_as_it_would_be_paid(world, ada):
    booking = make_booking(
        world, ada, names=("Ada Example", "Bob Example", "Eve Example"), price_amount=Decimal("1.00")
    )
    booking.passengers.update(price_amount=Decimal("0.35"))

    found = told(confirmed(booking), "booking_confirmed")

    # 90 % of 0.35 is 0.315, half-even 0.32 a seat; 0.95 would be 90 % of the sum.
    assert "you get $0.96 of $1.05 back" in found.body


def test_a_vague_departure_is_said_no_finer_than_it_is_known(world, ada):
    Launch.objects.update(departure_precision="quarter")

    found = told(confirmed(make_booking(world, ada)), "booking_confirmed")

    for text in (found.body, html_of(found)):
        assert "no earlier than Q1 2028" in text
        assert "09:30" not in text
        assert "14 Mar 2028" not in text
        assert "where you are" not in text


def test_tiers_that_are_over_are_not_offered(world, ada):
    booking = make_booking(world, ada)
    just_after_the_first = datetime.fromisoformat("2027-03-15T06:00:00+00:00")
    after_all = datetime.fromisoformat("2027-12-15T07:00:00+00:00")

    first = told(confirmed(booking), "booking_confirmed", now=just_after_the_first)
    rows().delete()
    django_mail.outbox.clear()
    second = told(confirmed(booking), "booking_confirmed", now=after_all)

    assert "90 %" not in first.body
    assert "Cancel by 14 December 2027: you get $175,000 of $250,000 back (70 %)." in first.body
    assert "The days for a refund are over" in second.body


def test_a_cancellation_without_refund_says_so(world, ada):
    found = told(cancelled(make_booking(world, ada), refund_amount="0"), "booking_cancelled")

    assert "You get back: $0" in found.body
    assert "Nothing comes back, as the policy at your purchase says" in found.body
    assert "ten days" not in found.body


@pytest.mark.parametrize(("language", "said"), [("en", "You can book up to 7."), ("es", "Puede reservar hasta 7.")])
def test_a_vip_hears_of_a_new_launch_and_how_many_seats_it_may_be(world, ada, settings, language, said):
    settings.SEAT_LIMIT_VIP = 7
    type(ada).objects.filter(pk=ada.pk).update(language=language)
    for _ in range(2):
        make_booking(world, ada)

    found = told(launch_event(world, "scheduled"), "launch_scheduled")

    for text in (found.body, html_of(found)):
        assert said in text


def test_a_delay_shows_both_dates_and_what_can_be_done(world, ada):
    make_booking(world, ada)
    Launch.objects.update(
        status="delayed",
        reason="A valve.",
        departure_at=DEPARTURE + timedelta(days=40),
        departure_precision="quarter",
    )

    found = told(delayed(world), "launch_delayed")

    assert found.subject == "Delayed: New Shepard to the edge of space now leaves no earlier than Q2 2028"
    for text in (found.body, html_of(found)):
        assert "14 Mar 2028, 09:30 CDT" in text
        assert "no earlier than Q2 2028" in text
        assert "A valve." in text
        assert "What you can do now" in text
        assert "http://testserver/trips/" in text


def test_a_refund_for_a_payment_that_came_too_late_leads_to_no_trip(world, ada):
    booking = make_booking(world, ada, status="expired", confirmed_at=None)

    found = told(money_event(booking, "refund.succeeded", refund_id="r"), "refund_succeeded")

    assert "$225,000.50" in found.body
    assert "nothing was booked and everything comes back" in found.body
    assert "http://testserver/trips/\n" in found.body


def test_the_inbox_shows_the_subject_before_the_mail_is_sent(world, ada):
    handlers.event_tell(confirmed(make_booking(world, ada, reference="QK7M3P")))

    (shown,) = selectors.inbox_list(user=ada)

    assert (shown.status, shown.subject, shown.link) == (
        "pending",
        "Booked: New Shepard to the edge of space, reference QK7M3P",
        "/trips/QK7M3P/",
    )


def test_what_was_told_about_a_booking_is_found_by_it(world, ada):
    booking, other = make_booking(world, ada), make_booking(world, ada)
    handlers.event_tell(confirmed(booking))

    assert booking_payload(booking)["booking_id"] == booking.pk
    assert len(selectors.messages_about_booking(actor=make_it(), booking_id=booking.pk)) == 2
    assert selectors.messages_about_booking(actor=make_it("it2@example.org"), booking_id=other.pk) == []
