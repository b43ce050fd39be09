"""What the messages say, to whom, and what they never say."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail as django_mail

from bookings import selectors as booking_selectors
from bookings.models import Hold, SlipDecision, WaitingEntry
from common.models import OutboxEvent, OutboxFailure
from finance.models import Invoice
from launches.models import Launch, Rocket, SupplierMember
from notifications import handlers, rendering, selectors, services, wordings
from notifications.models import MessageWording, Notification
from tests.notifications.builders import (
    DEPARTURE,
    HOSTILE,
    NOW,
    booking_payload,
    cancelled,
    confirmed,
    event,
    make_booking,
    make_it,
    make_user,
    make_world,
    rows,
)
from tests.portals.webhooks import make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def ada():
    return make_user("ada@example.org", full_name="Ada Example", time_zone="Europe/Madrid")


def send_all(now: datetime = NOW):
    Notification.objects.update(due_at=now)
    services.notifications_send_due(now=now, limit=100)
    assert not Notification.objects.filter(status="pending").exclude(latest_error="").exists(), [
        row.latest_error for row in rows()
    ]
    return django_mail.outbox


def told(happened, template: str, now: datetime = NOW):
    """Handle an event, send, and return the one mail of a template."""
    handlers.event_tell(happened)
    send_all(now)
    (row,) = rows().filter(template=template)
    assert row.status == "sent"
    (found,) = [one for one in django_mail.outbox if one.extra_headers["Message-ID"] == row.message_id]
    return found


def html_of(found) -> str:
    return next(content for content, kind in found.alternatives if kind == "text/html")


def launch_event(world, what: str, **payload):
    return event(
        f"launches.launch.{what}", launch_id=world.launch.pk, supplier_id=world.supplier.pk, version=2, **payload
    )


def delayed(world, **changes):
    payload = {
        "old_departure_at": DEPARTURE.isoformat(),
        "old_departure_precision": "minute",
        "departure_at": (DEPARTURE + timedelta(days=40)).isoformat(),
        "departure_precision": "quarter",
        "reason": "A valve.",
    } | changes
    return launch_event(world, "delayed", **payload)


def money_event(booking, name: str, **payload):
    return event(
        f"finance.{name}",
        booking_id=booking.pk,
        customer_id=booking.customer_id,
        amount="225000.50",
        currency="USD",
        **payload,
    )


# --- the confirmation, word by word ----------------------------------------------------------------
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


# --- who is told -----------------------------------------------------------------------------------
def receivers() -> list[tuple[str, str]]:
    return sorted(rows().values_list("template", "address"))


def test_a_booking_is_told_to_its_customer_and_the_launch_desk(world, ada):
    for role in ("operator", "finance", "gate"):
        user = make_user(f"{role}@red-rock.example", kind="supplier")
        SupplierMember.objects.create(supplier=world.supplier, user=user, role=role)
    other = make_user("other@example.org")
    make_booking(world, other)

    handlers.event_tell(confirmed(make_booking(world, ada)))

    assert receivers() == [
        ("booking_confirmed", "ada@example.org"),
        ("supplier_booking_confirmed", "operator@red-rock.example"),
        ("supplier_booking_confirmed", "owner@red-rock.example"),
    ]


def test_a_supplier_without_members_is_told_at_its_contact_address(world, ada):
    SupplierMember.objects.all().delete()

    handlers.event_tell(confirmed(make_booking(world, ada)))

    assert ("supplier_booking_confirmed", "desk@red-rock.example") in receivers()


def test_a_scheduled_launch_is_told_to_vips_alone(world, ada):
    vip = make_user("vip@example.org")
    make_booking(world, vip)
    make_booking(world, vip, status="completed")
    make_booking(world, ada)
    make_booking(world, ada, status="cancelled")

    handlers.event_tell(launch_event(world, "scheduled"))

    assert receivers() == [
        ("launch_scheduled", "vip@example.org"),
        ("supplier_launch_moved", "owner@red-rock.example"),
    ]


@pytest.mark.parametrize(
    ("what", "status", "template"),
    [("confirmed", "confirmed", "launch_confirmed"), ("launched", "launched", "launch_launched")],
)
def test_a_moved_launch_is_told_once_to_everybody_booked(world, ada, what, status, template):
    Launch.objects.update(status=status)
    make_booking(world, ada)
    make_booking(world, ada)
    make_booking(world, make_user("gone@example.org"), status="cancelled", cancel_cause="customer")

    handlers.event_tell(launch_event(world, what))

    assert receivers() == [(template, "ada@example.org"), ("supplier_launch_moved", "owner@red-rock.example")]


@pytest.mark.parametrize("what", ["aborted", "failed"])
def test_an_aborted_launch_is_told_to_customers_booking_by_booking(world, ada, what):
    Launch.objects.update(status=what, reason="A leak.")
    booking = make_booking(world, ada, status="cancelled", cancel_cause="supplier", refund_amount=250_000)

    handlers.event_tell(launch_event(world, what, reason="A leak."))
    handlers.event_tell(cancelled(booking, cause="supplier", reason="A leak.", refund_amount="250000"))

    assert receivers() == [
        ("booking_cancelled", "ada@example.org"),
        ("supplier_launch_moved", "owner@red-rock.example"),
    ]
    send_all()
    text = next(one.body for one in django_mail.outbox if one.to == ["ada@example.org"])
    assert "Reason given: A leak." in text
    assert "You get back: $250,000" in text
    assert ("was launched and failed" in text) == (what == "failed")
    assert ("has aborted" in text) == (what == "aborted")


def test_only_a_changed_date_is_told_to_the_booked(world, ada):
    make_booking(world, ada)

    handlers.event_tell(launch_event(world, "changed", fields=["description", "price_amount"]))
    assert receivers() == []
    handlers.event_tell(launch_event(world, "changed", fields=["departure_at"]))
    assert receivers() == [("launch_date_changed", "ada@example.org")]


def test_a_failed_refund_is_told_to_finance_and_without_finance_to_admins(world, ada):
    booking = make_booking(world, ada)
    make_it()
    boss = make_user("boss@example.org", kind="employee", employee_role="admin")
    happened = money_event(booking, "refund.failed", refund_id="r", error="No such card")

    handlers.event_tell(happened)
    assert receivers() == [("staff_refund_failed", boss.email)]
    rows().delete()
    make_user("money@example.org", kind="employee", employee_role="finance")
    handlers.event_tell(happened)
    assert receivers() == [("staff_refund_failed", "money@example.org")]


# --- what no longer applies ------------------------------------------------------------------------
def end_of(happened, template: str, *, now: datetime = NOW) -> tuple[str, str]:
    handlers.event_tell(happened)
    Notification.objects.update(due_at=now)
    services.notifications_send_due(now=now, limit=100)
    (row,) = rows().filter(template=template)
    assert not [one for one in django_mail.outbox if one.extra_headers["Message-ID"] == row.message_id]
    return row.status, row.latest_error


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


# --- secrets ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "template"),
    [("confirmation_requested", "email_confirmation"), ("password_reset_requested", "password_reset")],
)
def test_a_link_that_opens_an_account_stands_in_the_mail_alone(name, template, caplog):
    user = make_user("ada@example.org", email_confirmed_at=None)

    found = told(event(f"accounts.user.{name}", user_id=user.pk), template)

    link = next(line for line in found.body.splitlines() if line.startswith("http://testserver/accounts/"))
    token = link.rstrip("/").rpartition("/")[2]
    assert len(token) > 20
    assert link in html_of(found)
    (row,) = rows().values()
    assert token not in str(row)
    assert "/accounts/confirm" not in str(row)
    assert "/accounts/password" not in str(row)
    assert token not in caplog.text


def test_a_link_in_the_mail_really_opens_what_it_says(client):
    user = make_user("ada@example.org", email_confirmed_at=None)
    asked = event("accounts.user.password_reset_requested", user_id=user.pk)

    found = told(asked, "password_reset")

    link = next(line for line in found.body.splitlines() if line.startswith("http://testserver/"))
    assert client.get(link.removeprefix("http://testserver"), follow=True).status_code == 200


# --- every message, with hostile data --------------------------------------------------------------
def unpaid_invoice(world):
    return Invoice.objects.create(
        kind="supplier",
        series="S",
        year=2026,
        number=1,
        launch=world.launch,
        supplier=world.supplier,
        amount=1000,
        currency="USD",
        lines=[],
        issued_on=NOW.date(),
        due_on=NOW.date(),
    )


def open_slip(booking):
    return SlipDecision.objects.create(
        booking=booking,
        launch=booking.launch,
        event_id=1,
        old_departure_at=DEPARTURE - timedelta(days=40),
        new_departure_at=DEPARTURE,
        deadline_at=NOW + timedelta(days=14),
        created_at=NOW,
    )


def moved(booking, *, from_launch_id, old="900000", new="690000", **changes):
    values = {
        "to_launch_id": booking.launch_id,
        "from_launch_id": from_launch_id,
        "old_price_amount": old,
        "new_price_amount": new,
        "refund_amount": str(max(Decimal(old) - Decimal(new), 0)),
        "currency": "USD",
        "cause": "customer",
    } | changes
    return event("bookings.booking.moved", **booking_payload(booking), **values)


def offered_entry(world, customer):
    """Somebody waits and has an offer."""
    hold = Hold.objects.create(
        customer=customer,
        launch=world.launch,
        purpose="offer",
        price_amount=world.launch.price_amount,
        price_currency="USD",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=24),
    )
    return WaitingEntry.objects.create(
        launch=world.launch, customer=customer, party=2, status="offered", hold=hold, joined_at=NOW, offered_at=NOW
    )


def waiting_events(world, customer):
    who = {"launch_id": world.launch.pk, "customer_id": customer.pk}
    entry = offered_entry(world, customer)
    place = {**who, "entry_id": entry.pk, "party": entry.party}
    yield event("bookings.waiting.offered", seat_labels=["1A", "2A"], **place)
    for reason in ("launch", "limit"):
        yield event("bookings.waiting.closed", reason=reason, **place)
    for kind, reference in (("hold", ""), ("booking", "QK7M3P"), ("move", "QK7M3P")):
        yield event("bookings.purchase.called_off", kind=kind, reference=reference, **who)
    undecided = Launch.objects.get(pk=world.launch.pk)
    undecided.pk, undecided.slug, undecided.status = None, "undecided", "scheduled"
    undecided.save()
    yield event(
        "launches.launch.viability_warned",
        launch_id=undecided.pk,
        supplier_id=world.supplier.pk,
        version=1,
        seats_sold=1,
        seats_needed=2,
        seats_on_sale=6,
        check_on="2027-12-14",
    )


def lapsing_hold(world, customer, **fields):
    """An unpaid hold of one seat that ends five minutes from now."""
    return Hold.objects.create(
        **{
            "customer": customer, "launch": world.launch, "price_amount": 1, "price_currency": "USD",
            "created_at": NOW - timedelta(minutes=10), "expires_at": NOW + timedelta(minutes=5), **fields,
        }
    )  # fmt: skip


def lapsing(hold):
    return event(
        "bookings.hold.lapsing",
        hold_id=str(hold.pk),
        reference="",
        launch_id=hold.launch_id,
        customer_id=hold.customer_id,
        seat_labels=["1A"],
        expires_at=hold.expires_at.isoformat(),
    )


def changing_events(world, booking):
    common = {**booking_payload(booking), "passenger_ids": [1], "seat_labels": ["1A"]}
    for fields, is_replacement in ((["seat"], False), (["full_name", "email"], True), (["phone"], False)):
        yield event("bookings.booking.changed", fields=fields, is_replacement=is_replacement, **common)
    yield lapsing(lapsing_hold(world, booking.customer))


# --- changed passengers, lapsing holds --------------------------------------------------------------
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


# --- waiting lists and viability --------------------------------------------------------------------
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

    assert found.subject == "Sell 2 more seats or confirm: New Shepard to the edge of space by 13 December 2027"
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


def every_event(world, booking):
    user_id = booking.customer_id
    yield from (
        event(f"accounts.user.{name}", user_id=user_id)
        for name in ("already_registered", "created", "password_reset_requested", "password_changed")
    )
    yield event("accounts.user.signed_in_from_new_place", user_id=user_id, client="Firefox, Linux")
    bounced = {"address": booking.customer.email, "kind": "bounced", "notification_id": 1}
    yield event("notifications.address.bounced", user_id=user_id, **bounced)
    supplier = {"supplier_id": world.supplier.pk}
    yield event("launches.supplier.approved", **supplier)
    yield event("launches.supplier.suspended", reason=HOSTILE, **supplier)
    yield launch_event(world, "scheduled")
    yield launch_event(world, "changed", fields=["departure_at"])
    yield delayed(world, reason=HOSTILE, departure_at=DEPARTURE.isoformat())
    yield launch_event(world, "confirmed")
    yield launch_event(world, "launched")
    yield launch_event(world, "aborted", reason=HOSTILE)
    yield launch_event(world, "failed", reason=HOSTILE)
    yield confirmed(booking)
    yield cancelled(booking, cause="platform", reason=HOSTILE, is_whole=False)
    yield money_event(booking, "invoice.issued", invoice_id=1, code="C-2026-000001", kind="customer")
    yield money_event(booking, "invoice.issued", invoice_id=2, code="K-2026-000001", kind="credit_note")
    yield money_event(booking, "refund.succeeded", refund_id="r")
    yield money_event(booking, "payment.returned", payment_id="p", is_rebooking=False)
    yield money_event(booking, "refund.failed", refund_id="r", error=HOSTILE)
    slip = {**booking_payload(booking), "decision_id": str(open_slip(booking).pk)}
    yield event(
        "bookings.slip.opened",
        old_departure_precision="minute",
        deadline_at=(NOW + timedelta(days=14)).isoformat(),
        reason=HOSTILE,
        **slip,
    )
    yield event("bookings.slip.reminded", deadline_at=(NOW + timedelta(days=14)).isoformat(), **slip)
    yield event("bookings.slip.closed", outcome="kept", **slip)
    yield moved(booking, from_launch_id=world.launch.pk)
    yield from waiting_events(world, booking.customer)
    yield from changing_events(world, booking)
    bill = {
        **supplier,
        "launch_id": world.launch.pk,
        "invoice_id": 3,
        "code": "S-2026-000001",
        "amount": "1000",
        "open_amount": "400",
        "currency": "USD",
        "due_on": "2026-12-22",
    }
    yield event("finance.supplier_invoice.issued", is_kept=False, **bill)
    yield event("finance.supplier_invoice.overdue", **{**bill, "invoice_id": unpaid_invoice(world).pk})
    statement = {**supplier, "launch_id": world.launch.pk, "statement_id": 4, "currency": "USD"}
    yield event("finance.statement.issued", payout_amount="-10.50", **statement)
    yield event("finance.statement.paid_out", payout_amount="10.50", **statement)
    figures = {"missing": 1, "stale": 2, "orphaned": 0, "repaired": 3, "failed": 0}
    yield event("documents.reconciliation.drift_found", run_id=7, **figures)
    yield event("documents.audit.broken", check_id=7, broken_at=3, problem=HOSTILE)
    stuck = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="job")
    OutboxFailure.objects.create(consumer="documents", event=stuck, error="x", parked_at=NOW)
    yield event("common.event.parked", event_id=stuck.pk, event_name=stuck.name, consumer="documents", error=HOSTILE)
    yield event("common.job.keeps_failing", job="expire holds", job_run_id=7, failures=3, error=HOSTILE)
    sums = [
        {"what": what, "currency": "USD", "count": 2, "amount": "900000"}
        for what in ("customer", "credit_note", "declined")
    ]
    yield event("finance.day.summed_up", day="2026-11-21", figures=sums)
    yield event("finance.reconciliation.differences_found", run_id=7, found=3, repaired=2, left=1)
    wording = {"wording_id": 1, "template": "slip_kept", "language": "en", "number": 2}
    yield event("notifications.wording.broke", error=HOSTILE, **wording)
    endpoint = make_endpoint(world.supplier, status="paused", pause_cause="failing", paused_at=NOW)
    paused = {"webhook_id": str(endpoint.pk), "address": "https://example.org/hooks", "has_money_events": False}
    yield event("notifications.webhook.paused", cause="failing", error=HOSTILE, **paused, **supplier)


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


def test_a_cancellation_without_refund_says_so(world, ada):
    found = told(cancelled(make_booking(world, ada), refund_amount="0"), "booking_cancelled")

    assert "You get back: $0" in found.body
    assert "Nothing comes back, as the policy at your purchase says" in found.body
    assert "ten days" not in found.body


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


# --- suppliers' money ------------------------------------------------------------------------------
def bill(world, name="issued", **changes):
    values = {
        "supplier_id": world.supplier.pk,
        "launch_id": world.launch.pk,
        "invoice_id": unpaid_invoice(world).pk,
        "code": "S-2026-000001",
        "amount": "1000",
        "open_amount": "400",
        "currency": "USD",
        "due_on": "2026-12-22",
    }
    return event(f"finance.supplier_invoice.{name}", **{**values, **changes})


def test_suppliers_invoices_go_to_its_owners_and_finance_people_and_to_our_finance(world):
    for role in ("operator", "finance", "gate"):
        user = make_user(f"{role}@red-rock.example", kind="supplier")
        SupplierMember.objects.create(supplier=world.supplier, user=user, role=role)
    make_user("money@example.org", kind="employee", employee_role="finance")
    make_it()

    handlers.event_tell(bill(world, is_kept=False))

    assert receivers() == [
        ("staff_supplier_invoice_issued", "money@example.org"),
        ("supplier_invoice_issued", "finance@red-rock.example"),
        ("supplier_invoice_issued", "owner@red-rock.example"),
    ]


@pytest.mark.parametrize(
    ("is_kept", "words"),
    [(True, "there is nothing for you to pay"), (False, "Please pay it by 22 December 2026 and name S-2026-000001")],
)
def test_a_suppliers_invoice_says_whether_to_pay(world, is_kept, words):
    found = told(bill(world, is_kept=is_kept), "supplier_invoice_issued")

    assert found.subject.startswith("Invoice S-2026-000001: $1,000 for ")
    assert words in found.body
    assert words in html_of(found)
    assert "http://testserver/supplier/invoices/" in found.body


def test_an_overdue_invoice_says_what_is_open(world):
    found = told(bill(world, "overdue"), "supplier_invoice_overdue")

    assert "$400 of it is still to be paid" in found.body


def test_an_overdue_invoice_that_was_paid_meanwhile_is_not_told(world):
    happened = bill(world, "overdue")
    Invoice.objects.update(status="paid", paid_amount=1000)

    assert end_of(happened, "supplier_invoice_overdue") == ("cancelled", "The invoice is paid by now.")


def test_only_a_payout_that_moves_money_is_told(world):
    values = {"supplier_id": world.supplier.pk, "launch_id": world.launch.pk, "statement_id": 1, "currency": "USD"}

    handlers.event_tell(event("finance.statement.paid_out", payout_amount="0", **values))
    assert receivers() == []
    handlers.event_tell(event("finance.statement.paid_out", payout_amount="12.50", **values))
    assert receivers() == [("supplier_paid_out", "owner@red-rock.example")]


# --- moves and slips ---------------------------------------------------------------------------------
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
