"""Messages that do not apply any more when they are to be sent."""

from datetime import timedelta

import pytest

from launches.models import Launch, SupplierMember
from notifications import handlers
from tests.notifications.builders import (
    DEPARTURE,
    NOW,
    confirmed,
    event,
    make_booking,
    make_user,
    rows,
)
from tests.notifications.happenings import changing_events, delayed, failed_refund, launch_event, money_event
from tests.notifications.told import end_of, send_all

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


def change_of_date(world, number, at, **more):
    changes = {"departure_at": {"before": DEPARTURE.isoformat(), "after": at.isoformat()}, **more}
    return launch_event(world, "changed", id=number, fields=sorted(changes), changes=changes)


def test_two_new_dates_in_a_row_are_told_once_with_the_one_that_holds(world, ada):
    make_booking(world, ada)
    earlier, latest = DEPARTURE - timedelta(days=5), DEPARTURE - timedelta(days=9)
    handlers.event_tell(change_of_date(world, 1, earlier))
    Launch.objects.update(departure_at=latest)
    handlers.event_tell(change_of_date(world, 2, latest))

    mails = send_all()

    assert [(row.status, row.latest_error) for row in rows()] == [
        ("cancelled", "The departure was changed again; a later message says so."),
        ("sent", ""),
    ]
    assert "5 Mar 2028" in mails[0].body


def test_a_date_that_is_known_less_well_by_now_is_not_told(world, ada):
    make_booking(world, ada)
    Launch.objects.update(departure_precision="month")
    told = change_of_date(world, 1, DEPARTURE, departure_precision={"before": "month", "after": "day"})

    assert end_of(told, "launch_date_changed")[0] == "cancelled"


@pytest.mark.parametrize(
    ("what", "status", "end"),
    [
        ("scheduled", "delayed", "sent"),
        ("scheduled", "aborted", "cancelled"),
        ("confirmed", "confirmed", "sent"),
        ("confirmed", "aborted", "cancelled"),
        ("confirmed", "delayed", "cancelled"),
        ("delayed", "confirmed", "sent"),
        ("delayed", "aborted", "cancelled"),
        ("aborted", "aborted", "sent"),
        ("launched", "launched", "sent"),
        ("failed", "failed", "sent"),
    ],
)
def test_the_launch_desk_is_not_told_what_is_over(world, what, status, end):
    Launch.objects.update(status=status, reason="x" if status in ("aborted", "failed", "delayed") else "")
    happened = delayed(world, departure_at=DEPARTURE.isoformat()) if what == "delayed" else launch_event(world, what)

    handlers.event_tell(happened)
    send_all()

    (row,) = rows().filter(template="supplier_launch_moved")
    assert row.status == end
    if end == "cancelled":
        assert row.latest_error == f"The launch is {status} by now; a later message says so."


def test_the_launch_desk_is_not_told_a_delay_that_another_has_overtaken(world):
    Launch.objects.update(status="delayed", reason="x", departure_at=DEPARTURE + timedelta(days=80))

    assert end_of(delayed(world), "supplier_launch_moved")[0] == "cancelled"


@pytest.mark.parametrize(("name", "status"), [("approved", "suspended"), ("suspended", "approved")])
def test_a_supplier_is_told_only_what_it_still_is(world, name, status):
    type(world.supplier).objects.update(status=status)
    happened = event(f"launches.supplier.{name}", supplier_id=world.supplier.pk, reason="x")

    assert end_of(happened, f"supplier_{name}") == (
        "cancelled",
        f"The supplier is {status} by now; a later message says so.",
    )


@pytest.mark.parametrize("template", ["booking_changed", "supplier_booking_changed"])
def test_changes_of_a_booking_that_is_cancelled_by_now_are_not_told(world, ada, template):
    booking = make_booking(world, ada, status="cancelled", cancel_cause="customer")
    happened, *_ = changing_events(world, booking)

    assert end_of(happened, template) == ("cancelled", "The booking is cancelled by now.")


@pytest.mark.parametrize("template", ["booking_changed", "supplier_booking_changed"])
def test_changes_before_a_move_to_another_launch_are_not_told_as_if_they_were_there(world, ada, template):
    booking = make_booking(world, ada)
    happened, *_ = changing_events(world, booking)
    elsewhere = Launch.objects.get()
    elsewhere.pk, elsewhere.slug = None, "elsewhere"
    elsewhere.save()
    type(booking).objects.update(launch=elsewhere)

    assert end_of(happened, template) == (
        "cancelled",
        "The booking was moved to another launch; a later message says so.",
    )


@pytest.mark.parametrize("status", ["succeeded", "requested"], ids=["paid by hand", "tried again"])
def test_a_refund_that_somebody_has_seen_to_is_not_reported_as_failed(world, ada, status):
    make_user("money@example.org", kind="employee", employee_role="finance")
    refund = failed_refund(make_booking(world, ada))
    type(refund).objects.update(status=status)
    happened = money_event(refund.booking, "refund.failed", refund_id=str(refund.pk), error="No such card")

    assert end_of(happened, "staff_refund_failed") == ("cancelled", "The refund was paid, or is tried again.")


def test_a_closed_account_gets_nothing_that_waited_for_it(world, ada):
    other = make_user("two@example.org", kind="supplier")
    SupplierMember.objects.create(supplier=world.supplier, user=other, role="operator")
    handlers.event_tell(confirmed(make_booking(world, ada)))
    ended = type(ada).objects.filter(email__in=["ada@example.org", "owner@red-rock.example"])
    ended.update(is_active=False)

    mails = send_all()

    assert sorted((row.address, row.status, row.latest_error) for row in rows()) == [
        ("ada@example.org", "cancelled", "The account is closed."),
        ("owner@red-rock.example", "cancelled", "The account is closed."),
        ("two@example.org", "sent", ""),
    ]
    assert [mail.to for mail in mails] == [["two@example.org"]]


def test_an_employee_whose_role_was_taken_away_gets_nothing_that_waited(world, ada):
    for name in ("stays", "goes", "rises"):
        make_user(f"{name}@example.org", kind="employee", employee_role="finance")
    refund = failed_refund(make_booking(world, ada))
    handlers.event_tell(money_event(refund.booking, "refund.failed", refund_id=str(refund.pk), error="No such card"))
    type(ada).objects.filter(email="goes@example.org").update(employee_role="support")
    type(ada).objects.filter(email="rises@example.org").update(employee_role="admin")

    send_all()

    assert sorted((row.address, row.status, row.latest_error) for row in rows()) == [
        ("goes@example.org", "cancelled", "The receiver's role has changed."),
        ("rises@example.org", "sent", ""),
        ("stays@example.org", "sent", ""),
    ]
