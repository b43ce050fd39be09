"""Moves: what they do, what they show first, and what they refuse."""

from datetime import timedelta

import pytest
from django.urls import reverse

from common.dates import local_date
from common.models import OutboxEvent
from common.money import format_money
from launches.models import Launch
from tests.portals.desks import text


def go(client, launch, name, **values):
    return client.post(reverse(f"supplier:launch-{name}", args=[launch.pk]), values, follow=True)


def test_publishing_puts_a_draft_on_sale(member, make_launch):
    launch = make_launch(status="draft", mission_name="Quiet Dawn")
    page = text(go(member("operator"), launch, "schedule"))
    launch.refresh_from_db()
    assert launch.status == "scheduled"
    assert "Quiet Dawn is published" in page
    assert "Status: draft → scheduled" in page


def test_confirming(member, make_launch):
    launch = make_launch()
    page = text(go(member(), launch, "confirm"))
    launch.refresh_from_db()
    assert launch.status == "confirmed"
    assert "is confirmed" in page


def test_aborting_shows_what_it_costs_and_wants_the_name(member, make_launch, book):
    launch = make_launch(mission_name="Quiet Dawn")
    book(launch, seats=2)
    client = member()

    question = text(client.get(reverse("supplier:launch-abort", args=[launch.pk])))
    wrong = go(client, launch, "abort", reason="The pad is flooded.", confirmation="Another Dawn")
    launch.refresh_from_db()
    after_wrong = launch.status
    page = text(go(client, launch, "abort", reason="The pad is flooded.", confirmation=" quiet  dawn "))
    launch.refresh_from_db()

    assert "$900,000" in question
    assert "<dt>Passengers</dt><dd>2</dd>" in question
    assert wrong.status_code == 422
    assert "That is another name" in text(wrong)
    assert after_wrong == "scheduled"
    assert (launch.status, launch.reason) == ("aborted", "The pad is flooded.")
    assert "The pad is flooded." in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"reason": "", "confirmation": "Quiet Dawn"}, "Say why, in up to 300 characters"),
        ({"reason": "x" * 301, "confirmation": "Quiet Dawn"}, "at most 300 characters"),
        ({"reason": "a\x07bell", "confirmation": "Quiet Dawn"}, "Say why, in up to 300 characters"),
        ({"reason": "Weather", "confirmation": ""}, "Type the mission"),
    ],
)
def test_a_bad_answer_gets_its_sentence_and_nothing_is_written(member, make_launch, values, sentence):
    launch = make_launch(mission_name="Quiet Dawn")
    events = OutboxEvent.objects.count()
    answer = go(member(), launch, "abort", **values)
    assert answer.status_code == 422
    assert sentence in text(answer)
    launch.refresh_from_db()
    assert launch.status == "scheduled"
    assert OutboxEvent.objects.count() == events


def test_what_goes_on_sale_is_shown_before_it_is_published(member, make_launch):
    launch = make_launch(status="draft")

    page = text(member().get(reverse("supplier:launch-schedule", args=[launch.pk])))

    assert "What customers will see" in page
    assert f"<dt>Seats on sale</dt><dd>{launch.seats_on_sale}</dd>" in page
    assert format_money(launch.price_amount, launch.price_currency) + " a seat" in page
    assert launch.cancellation_policy.name in page
    assert "<dt>Bookings</dt>" not in page


def test_a_delay_shows_old_and_new_before_it_is_published(member, make_launch, book, now):
    launch = make_launch(departure_precision="day", mission_name="Quiet Dawn")
    book(launch, seats=2)
    client = member()
    later = local_date(launch.departure_at, launch.spaceport.time_zone) + timedelta(days=40)
    values = {"departure_date": later.isoformat(), "departure_precision": "day", "reason": "A valve."}

    preview = text(go(client, launch, "delay", **values))
    launch.refresh_from_db()
    before = launch.status
    page = text(go(client, launch, "delay", **values, step="confirmed", confirmation=" quiet  dawn "))
    launch.refresh_from_db()

    assert "Check the delay" in preview
    assert f"{later.day} {later:%b %Y}" in preview
    assert "40 days later" in preview
    assert "<dt>Bookings</dt><dd>1</dd>" in preview
    assert before == "scheduled"
    assert (launch.status, launch.reason, launch.departure_precision) == ("delayed", "A valve.", "day")
    assert "is delayed" in page


@pytest.mark.parametrize("typed", ["", "Another Dawn"])
def test_a_delay_that_asks_everybody_wants_the_missions_name_and_keeps_what_was_typed(member, make_launch, typed):
    launch = make_launch(departure_precision="day", mission_name="Quiet Dawn")
    later = (launch.departure_at + timedelta(days=40)).date().isoformat()
    values = {"departure_date": later, "departure_precision": "day", "reason": "A <valve>."}
    events = OutboxEvent.objects.count()
    client = member()

    first = text(go(client, launch, "delay", **values))
    answer = go(client, launch, "delay", **values, step="confirmed", confirmation=typed)
    page = text(answer)
    change = text(go(client, launch, "delay", **values, step="change", confirmation=typed))

    assert "Type the mission&#x27;s name to go on: Quiet Dawn" in first
    assert "There is a problem" not in first
    assert answer.status_code == 422
    assert "<title>Error: Check the delay" in page
    assert ("That is another name" if typed else "Type the mission&#x27;s name, Quiet Dawn, to say") in page
    assert "Publish the delay" in page
    assert f'name="departure_date" value="{later}"' in page
    assert 'name="reason" value="A &lt;valve&gt;."' in page
    if typed:
        assert 'value="Another Dawn"' in page
    assert "See what it would do" in change
    launch.refresh_from_db()
    assert (launch.status, OutboxEvent.objects.count()) == ("scheduled", events)


def test_a_short_delay_asks_nobody_and_no_name(member, make_launch):
    launch = make_launch(departure_precision="day")
    later = (launch.departure_at + timedelta(days=20)).date().isoformat()
    values = {"departure_date": later, "departure_precision": "day", "reason": "A valve."}
    client = member()

    preview = text(go(client, launch, "delay", **values))
    go(client, launch, "delay", **values, step="confirmed")

    assert 'name="confirmation"' not in preview
    launch.refresh_from_db()
    assert launch.status == "delayed"


def test_a_long_delay_shows_first_what_it_would_set_off(member, make_launch, book, now):
    launch = make_launch(departure_precision="day")
    other = make_launch(days=500, destination=launch.destination, departure_precision="day")
    book(launch, seats=2)
    birthday = (launch.departure_at + timedelta(days=30)).date()
    book(launch).passengers.update(birth_date=birthday.replace(year=birthday.year - 71, day=1))

    def look(client, days):
        later = (launch.departure_at + timedelta(days=days)).date().isoformat()
        return text(go(client, launch, "delay", departure_date=later, departure_precision="day", reason="A valve."))

    owner, operator = look(member(), 40), look(member("operator"), 40)
    short = look(member(), 20)
    launch.refresh_from_db()

    assert "Every booking is asked: keep, move or leave" in owner
    assert "$1,350,000 goes back" in owner
    assert "$" not in operator.split("If everybody leaves")[1].split("</dl>")[0]
    assert f'6 on 1 other launch<br><span class="muted">{other.departure_text}: 6' in owner
    assert "could not fly on the new date" in owner
    assert "nobody is asked" in short
    assert launch.status == "scheduled"


def test_the_time_of_a_delay_is_the_spaceports(member, make_launch):
    launch = make_launch(days=200)
    values = {
        "departure_date": "2027-12-24",
        "departure_time": "09:30",
        "departure_precision": "minute",
        "reason": "A valve.",
        "step": "confirmed",
        "confirmation": launch.mission_name,
    }
    go(member(), launch, "delay", **values)
    launch.refresh_from_db()
    assert launch.departure_at.isoformat() == "2027-12-24T15:30:00+00:00"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"departure_date": ""}, "Give the date of the departure."),
        ({"departure_date": "2027-02-31"}, "Give the date as 2027-03-14."),
        ({"departure_date": "2020-01-01"}, "A delay moves the departure to a later time"),
        ({"departure_precision": "minute"}, "Give the time, or say that only the day is known."),
        ({"departure_precision": "century"}, "century"),
        ({"reason": ""}, "Say why"),
    ],
)
@pytest.mark.parametrize("step", ["", "confirmed"])
def test_a_bad_delay_gets_its_sentence_and_nothing_is_written(member, make_launch, changes, sentence, step):
    launch = make_launch(departure_precision="day")
    later = (launch.departure_at + timedelta(days=40)).date().isoformat()
    values = {"departure_date": later, "departure_precision": "day", "reason": "A valve.", **changes, "step": step}
    answer = go(member(), launch, "delay", **values)
    assert answer.status_code == 422
    assert sentence in text(answer)
    launch.refresh_from_db()
    assert (launch.status, launch.version) == ("scheduled", 1)


def test_what_came_of_it_is_recorded_after_the_departure_only(member, make_launch, now):
    early, late = (
        make_launch(status="confirmed"),
        make_launch(status="confirmed", departure_at=now - timedelta(hours=1)),
    )
    client = member()

    refused = text(go(client, early, "launched"))
    done = text(go(client, late, "launched"))

    assert "whether it flew can be recorded after that" in refused
    assert "is recorded as flown" in done
    assert [Launch.objects.get(pk=one.pk).status for one in (early, late)] == ["confirmed", "launched"]


def test_a_failure_wants_a_reason_and_the_name(member, make_launch, now):
    launch = make_launch(status="confirmed", departure_at=now - timedelta(hours=1), mission_name="Quiet Dawn")
    client = member()
    refused = go(client, launch, "failed", reason="", confirmation="")
    go(client, launch, "failed", reason="It fell over.", confirmation="Quiet Dawn")
    launch.refresh_from_db()
    assert refused.status_code == 422
    assert (launch.status, launch.reason) == ("failed", "It fell over.")


def test_an_unapproved_supplier_cannot_publish(member, make_launch, supplier):
    supplier.status = "suspended"
    supplier.save()
    launch = make_launch(status="draft")
    page = text(go(member(), launch, "schedule"))
    launch.refresh_from_db()
    assert "is not approved to sell yet" in page
    assert launch.status == "draft"
