"""Messages about a launch lead each reader to their own trip on it; to the list only where there are several."""

import pytest

from launches.models import Launch
from notifications import handlers
from tests.notifications.builders import DEPARTURE, make_booking, make_user, rows
from tests.notifications.happenings import delayed, failed_refund, launch_event, money_event
from tests.notifications.told import html_of, send_all, told

pytestmark = pytest.mark.django_db


def happening(world, what):
    if what == "delayed":
        return delayed(world, departure_at=DEPARTURE.isoformat())
    if what == "changed":
        return launch_event(world, "changed", fields=["departure_at"])
    return launch_event(world, what)


@pytest.fixture(
    params=[
        ("confirmed", "confirmed", "launch_confirmed"),
        ("delayed", "delayed", "launch_delayed"),
        ("changed", "scheduled", "launch_date_changed"),
        ("launched", "launched", "launch_launched"),
    ],
    ids=["confirmed", "delayed", "date changed", "launched"],
)
def told_of(request, world):
    """The event of a launch and the template that tells it to who is booked; the launch stands as it says."""
    what, status, template = request.param
    Launch.objects.update(status=status, reason="A valve." if status == "delayed" else "")
    return happening(world, what), template


def test_each_reader_is_led_to_their_own_trip(world, ada, told_of):
    happened, template = told_of
    flown = "completed" if template == "launch_launched" else "confirmed"
    bob = make_user("bob@example.org", time_zone=ada.time_zone)  # whom mails are written to as to Ada
    make_booking(world, ada, reference="QK7M3P", status=flown)
    make_booking(world, ada, reference="QKGGGG", status="cancelled", cancel_cause="customer")
    make_booking(world, bob, reference="QKBBBB", status=flown)

    handlers.event_tell(happened)

    pages = {"ada@example.org": "/trips/QK7M3P/", "bob@example.org": "/trips/QKBBBB/"}
    assert dict(rows().filter(template=template).values_list("address", "link")) == pages
    mails = {mail.to[0]: mail for mail in send_all()}
    for address, path in pages.items():
        assert f"Open my trip:\nhttp://testserver{path}\n" in mails[address].body
        assert f'href="http://testserver{path}"' in html_of(mails[address])


def test_who_has_several_trips_on_it_is_led_to_the_list(world, ada, told_of):
    happened, template = told_of
    for _ in range(2):
        make_booking(world, ada)

    found = told(happened, template)

    assert rows().get(template=template).link == "/trips/"
    assert "See my trips:\nhttp://testserver/trips/\n" in found.body


def test_who_cancelled_meanwhile_hears_no_more_of_it(world, ada, told_of):
    happened, template = told_of
    booking = make_booking(world, ada)
    handlers.event_tell(happened)
    type(booking).objects.update(status="cancelled", cancel_cause="customer", cancelled_at=booking.created_at)

    send_all()

    row = rows().get(template=template)
    assert (row.status, row.latest_error) == ("cancelled", "The receiver has no booking on the launch any more.")


def test_a_failed_refund_is_linked_where_it_stands_in_the_list(world, ada, client):
    money = make_user("money@example.org", kind="employee", employee_role="finance")
    refund = failed_refund(make_booking(world, ada))

    found = told(
        money_event(refund.booking, "refund.failed", refund_id=str(refund.pk), error="No such card"),
        "staff_refund_failed",
    )

    path, _, place = rows().get().link.partition("#")
    assert f"http://testserver{path}#{place}\n" in found.body
    client.force_login(money)
    assert f'<tr id="{place}">' in client.get(path).content.decode()
