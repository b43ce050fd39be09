"""What the launch desk reads: its own name of a launch, the price of who flies, what an aborted launch costs."""

import pytest

from launches.models import Launch
from notifications import wordings
from tests.notifications.builders import NOW, cancelled, confirmed, event, make_booking, make_user
from tests.notifications.happenings import changing_events, launch_event, moved
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("template", "subject", "headline"),
    [
        (
            "supplier_booking_confirmed",
            "2 seats sold: NS-99, New Shepard to the edge of space (QK7M3P)",
            "sold on NS-99",
        ),
        (
            "supplier_booking_cancelled",
            "2 seats cancelled: NS-99, New Shepard to the edge of space (QK7M3P)",
            "Seats cancelled on NS-99",
        ),
        (
            "supplier_booking_changed",
            "Passengers changed: NS-99, New Shepard to the edge of space (QK7M3P)",
            "a booking on NS-99 have changed",
        ),
        (
            "supplier_booking_moved",
            "Moved: 2 seats to NS-99, New Shepard to the edge of space (QK7M3P)",
            "A booking moved to NS-99",
        ),
        ("supplier_launch_moved", "NS-99 is on sale: New Shepard to the edge of space", "NS-99 is on sale"),
    ],
)
def test_the_launch_desk_reads_the_mission_and_the_route(world, ada, template, subject, headline):
    booking = make_booking(world, ada, names=("Ada Example", "Bob Example"), reference="QK7M3P")
    happened = {
        "supplier_booking_confirmed": lambda: confirmed(booking),
        "supplier_booking_cancelled": lambda: cancelled(booking),
        "supplier_booking_changed": lambda: next(changing_events(world, booking)),
        "supplier_booking_moved": lambda: moved(booking, from_launch_id=world.launch.pk),
        "supplier_launch_moved": lambda: launch_event(world, "scheduled"),
    }[template]()

    found = told(happened, template)

    assert found.subject == subject
    assert headline in found.body.splitlines()[0]
    assert headline in html_of(found)


def test_a_moved_bookings_price_for_the_desk_leaves_cancelled_seats_out(world, ada):
    booking = make_booking(world, ada, names=("Ada Example", "Bob Example"))
    booking.passengers.filter(full_name="Bob Example").update(cancelled_at=NOW)

    found = told(moved(booking, from_launch_id=world.launch.pk), "supplier_booking_moved")

    assert "Bob Example, cancelled" in found.body
    assert "Price:     $250,000\n" in found.body


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("supplier_statement_issued", "What the aborted launch costs you is on an invoice of its own."),
        ("staff_statement_issued", "The aborted launch is billed by an invoice of its own."),
    ],
)
@pytest.mark.parametrize("status", ["aborted", "launched"])
def test_the_statement_of_an_aborted_launch_names_its_invoice(world, template, sentence, status):
    make_user("money@example.org", kind="employee", employee_role="finance")
    Launch.objects.update(status=status, reason="A leak." if status == "aborted" else "")
    issued = event(
        "finance.statement.issued",
        supplier_id=world.supplier.pk,
        launch_id=world.launch.pk,
        statement_id=1,
        payout_amount="0",
        currency="USD",
    )

    found = told(issued, template)

    for text in (found.body, html_of(found)):
        assert (sentence in text) == (status == "aborted")


@pytest.mark.parametrize(("language", "promise"), [("en", "we correct it"), ("es", "la corregimos")])
def test_nobody_is_promised_another_address_for_their_account(language, promise):
    words = wordings.shipped(template="address_bounced", language=language)
    said = {"en": "The address of an account cannot be changed", "es": "La dirección de una cuenta no se puede cambiar"}

    for text in (words.source("text"), words.source("html")):
        assert promise not in text
        assert said[language] in text
