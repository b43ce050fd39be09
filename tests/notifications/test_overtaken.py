"""Messages that do not apply any more when they are to be sent."""

from datetime import timedelta

import pytest

from launches.models import Launch
from tests.notifications.builders import (
    DEPARTURE,
    NOW,
    confirmed,
    event,
    make_booking,
)
from tests.notifications.happenings import delayed, launch_event
from tests.notifications.told import end_of

pytestmark = pytest.mark.django_db


def test_a_booking_cancelled_meanwhile_is_not_confirmed_any_more(world, ada):
    booking = make_booking(world, ada, status="cancelled", cancel_cause="customer")

    assert end_of(confirmed(booking), "booking_confirmed") == ("cancelled", "The booking is cancelled by now.")


def test_an_email_confirmed_meanwhile_is_not_asked_for(ada):
    asked = event("accounts.user.confirmation_requested", user_id=ada.pk)

    assert end_of(asked, "email_confirmation") == ("cancelled", "The e-mail is confirmed by now.")


def test_a_reset_link_comes_within_a_day_or_not_at_all(ada):
    asked = event("accounts.user.password_reset_requested", user_id=ada.pk)

    assert end_of(asked, "password_reset", now=NOW + timedelta(hours=25)) == (
        "cancelled",
        "It was asked for more than a day ago.",
    )


def test_a_delay_that_was_overtaken_by_another_is_not_told(world, ada):
    make_booking(world, ada)
    Launch.objects.update(status="delayed", reason="A valve.", departure_at=DEPARTURE + timedelta(days=80))

    assert end_of(delayed(world), "launch_delayed") == (
        "cancelled",
        "The departure was changed again; a later message says so.",
    )


def test_a_launch_that_is_off_sale_is_not_offered_to_vips(world, ada):
    make_booking(world, ada)
    make_booking(world, ada)
    Launch.objects.update(status="aborted", reason="A leak.")

    assert end_of(launch_event(world, "scheduled"), "launch_scheduled")[0] == "cancelled"
