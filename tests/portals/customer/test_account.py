import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from documents.repositories import Profiles
from finance import services as finance_services
from notifications.models import Notification
from tests.factories import make_booking
from tests.portals.customer.conftest import title, words

pytestmark = pytest.mark.django_db

DETAILS = {"full_name": "Vera  Customer", "phone": "+1 415 555 0123", "birth_date": "1990-05-17"}


def test_details_are_kept_in_the_profile(vera):
    answer = vera.post("/profile/", DETAILS, follow=True)

    kept = Profiles.get(vera.user.pk)
    assert "Your details are saved." in words(answer)
    assert (kept.full_name, kept.phone, kept.birth_date) == ("Vera Customer", "+14155550123", date(1990, 5, 17))
    assert 'value="+14155550123"' in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"full_name": ""}, "Enter your full name as in the passport."),
        ({"full_name": "A\x07B"}, "cannot be printed"),
        ({"phone": "555"}, "Enter the phone number with its country code"),
        ({"birth_date": "yesterday"}, "Enter the date of birth as year, month, day"),
        ({"birth_date": "2999-01-01"}, "Enter a date of birth in the past."),
        ({"birth_date": "1700-01-01"}, "Enter a date of birth in the past."),
    ],
)
def test_wrong_details_are_told_and_nothing_is_kept(vera, wrong, sentence):
    answer = vera.post("/profile/", {**DETAILS, **wrong})

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert title(answer).startswith("Error: ")
    assert Profiles.get(vera.user.pk) is None


def test_a_store_that_is_away_keeps_what_was_typed_on_the_page(vera, mongo_servers):
    mongo_servers.customer.kill()

    seen, saved = vera.get("/profile/"), vera.post("/profile/", DETAILS)

    assert "We cannot read your details just now." in words(seen)
    assert saved.status_code == 503
    assert "We cannot save your details just now. Nothing was changed; please try again in a moment." in words(saved)
    assert 'value="+1 415 555 0123"' in saved.content.decode()


def test_a_refused_change_still_counts_whom_one_books_for(vera):
    person = {"full_name": "Ada Example", "email": "ada@example.org", "phone": "+1 415 555 0123"}
    vera.post("/profile/passengers/add/", {**person, "birth_date": "1990-05-17", "is_agreed": "on"})

    answer = vera.post("/profile/", {**DETAILS, "full_name": ""})

    assert "You have saved 1 passenger." in words(answer)


def test_a_trip_says_in_the_readers_zone_when_it_was_paid(vera, make_launch, now):
    type(vera.user).objects.update(time_zone="Europe/Madrid")
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)

    page = words(vera.get(f"/trips/{booking.reference}/"))

    assert re.search(r"\d\d:\d\d CES?T Paid", page)


def test_a_trip_says_the_departure_in_the_readers_zone_too_only_where_there_is_a_clock_time(vera, make_launch, now):
    type(vera.user).objects.update(time_zone="Asia/Tokyo")
    exact = make_booking(launch=make_launch(departure_precision="minute"), customer=vera.user, now=now)
    vague = make_booking(launch=make_launch(departure_precision="month"), customer=vera.user, now=now)

    pages = [vera.get(f"/trips/{one.reference}/").content.decode() for one in (exact, vague)]

    assert [bool(re.search(r"Your time: <time[^>]*>[^<]* JST<", page)) for page in pages] == [True, False]


@pytest.fixture
def notice(now):
    def make(person, number=1, **fields):
        return Notification.objects.create(
            template="bookings.confirmed",
            dedupe_key=f"{person.pk}-{number}",
            receiver=person,
            subject=f"Message {number}",
            facts={},
            link="/trips/",
            status="sent",
            due_at=now,
            give_up_at=now + timedelta(days=1),
            created_at=now - timedelta(minutes=number),
            **fields,
        )

    return make


def test_the_inbox_shows_own_messages_and_counts_the_unread_ones(vera, otto, notice, now):
    notice(vera.user, 1)
    notice(vera.user, 2, read_at=now)
    notice(otto.user, 3)

    page = words(vera.get("/inbox/"))

    assert "Message 1" in page
    assert "Message 2" in page
    assert "Message 3" not in page
    assert "Inbox (1)" in page


def test_the_inbox_goes_on_with_older_messages(vera, notice):
    for number in range(25):
        notice(vera.user, number)

    first = vera.get("/inbox/")
    second = vera.get(f"/inbox/?before={first.context['older']}")

    assert [one.subject for one in second.context["notices"]] == [f"Message {n}" for n in range(20, 25)]
    assert second.context["older"] is None


def test_messages_are_marked_as_read_one_by_one_or_all(vera, notice):
    first, second = notice(vera.user, 1), notice(vera.user, 2)

    vera.post("/inbox/read/", {"notice": first.pk})
    after_one = Notification.objects.filter(read_at=None).count()
    answer = vera.post("/inbox/read/", follow=True)

    assert after_one == 1
    assert "All messages are marked as read." in words(answer)
    assert Notification.objects.get(pk=second.pk).read_at is not None


def test_the_inbox_says_in_the_readers_zone_when_a_message_came(vera, notice, now):
    type(vera.user).objects.update(time_zone="America/Bogota")
    notice(vera.user, 1)

    assert "UTC-05" in words(vera.get("/inbox/"))


def test_opening_a_message_marks_it_and_leads_to_its_page(vera, otto, notice):
    mine, theirs = notice(vera.user, 1), notice(otto.user, 2)

    answer = vera.post("/inbox/read/", {"notice": mine.pk, "open": "1"})

    assert (answer.status_code, answer["Location"]) == (303, "/trips/")
    assert Notification.objects.get(pk=mine.pk).read_at is not None
    assert vera.post("/inbox/read/", {"notice": theirs.pk, "open": "1"}).status_code == 404
    assert Notification.objects.get(pk=theirs.pk).read_at is None


def test_somebody_elses_message_cannot_be_marked(vera, otto, notice):
    theirs = notice(otto.user)

    assert vera.post("/inbox/read/", {"notice": theirs.pk}).status_code == 404
    assert vera.post("/inbox/read/", {"notice": "x"}).status_code == 404
    assert Notification.objects.get().read_at is None


def test_an_empty_inbox_says_what_would_be_there(vera):
    assert "No messages" in words(vera.get("/inbox/"))


@pytest.fixture
def invoice(vera, make_launch, now):
    booking = make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)
    return finance_services.invoice_issue(booking_id=booking.pk, event_id=1, today=timezone.now().date())


def test_invoices_are_listed_and_shown_with_their_lines(vera, invoice):
    listed, shown = vera.get("/invoices/"), vera.get(f"/invoices/{invoice.pk}/")

    assert invoice.code in words(listed)
    page = words(shown)
    assert f"{invoice.code}" in page
    assert "Seat A1" in page
    assert "$450,000" in page
    assert "Total $900,000" in page
    assert "Supplier Inc." in page


def test_a_trip_links_to_its_invoice(vera, invoice):
    assert f"/invoices/{invoice.pk}/" in vera.get(f"/trips/{invoice.booking.reference}/").content.decode()


def test_somebody_elses_invoice_is_404(otto, invoice):
    assert otto.get(f"/invoices/{invoice.pk}/").status_code == 404
    assert otto.get("/invoices/99999999999999999999/").status_code == 404
    assert invoice.code not in words(otto.get("/invoices/"))
