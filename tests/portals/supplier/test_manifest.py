"""The manifest as a page and as a file."""

import csv
import io

import pytest
from django.urls import reverse

from bookings.models import Passenger
from notifications.models import Notification
from portals.supplier.views.bookings import HEADINGS
from tests.portals.desks import text


def read(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_exactly_what_the_page_shows(member, make_launch, book):
    launch = make_launch()
    booking = book(launch, seats=2)
    client = member("gate")

    page = text(client.get(reverse("supplier:manifest", args=[launch.pk])))
    answer = client.get(reverse("supplier:manifest-csv", args=[launch.pk]))
    rows = read(answer)

    assert '<td data-label="Passenger">Traveller A</td>' in page, "on a phone a row is a card with labels"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="manifest-{launch.slug}.csv"'
    assert rows[0] == list(HEADINGS)
    assert [row[0] for row in rows[1:]] == ["A1", "B1"]
    assert rows[1][1:6] == ["Traveller A", "1985-06-15", "traveller0@example.com", "+14155550123", booking.reference]
    assert all(cell.lstrip("'") in page for row in rows[1:] for cell in row)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\tx", "  =1+1"])
def test_a_name_that_looks_like_a_formula_is_made_harmless(member, make_launch, book, name):
    launch = make_launch()
    book(launch)
    Passenger.objects.update(full_name=name)
    rows = read(member().get(reverse("supplier:manifest-csv", args=[launch.pk])))
    assert rows[1][1] == f"'{name}"


def test_cancelled_passengers_and_unpaid_bookings_do_not_fly(member, make_launch, book, now):
    launch = make_launch()
    book(launch, seats=2)
    Passenger.objects.filter(seat_label="A1").update(cancelled_at=now)
    rows = read(member().get(reverse("supplier:manifest-csv", args=[launch.pk])))
    assert [row[0] for row in rows[1:]] == ["B1"]


@pytest.fixture
def message(now):
    def make(user, link="/supplier/launches/"):
        return Notification.objects.create(
            template="supplier_launch_moved",
            dedupe_key=f"{user.pk}-{Notification.objects.count()}",
            receiver=user,
            subject="A launch has moved",
            facts={},
            link=link,
            due_at=now,
            give_up_at=now,
            created_at=now,
        )

    return make


def test_the_inbox_opens_a_message_and_remembers_that(member, message):
    client = member()
    row = message(client.user)
    before = text(client.get(reverse("supplier:inbox")))
    answer = client.post(reverse("supplier:inbox"), {"message": row.pk})
    row.refresh_from_db()
    assert "Inbox (1)" in before
    assert answer["Location"] == "/supplier/launches/"
    assert row.read_at is not None


def test_nobody_opens_the_messages_of_others_or_leaves_the_site(member, message):
    client = member()
    foreign = message(member("gate").user)
    outside = message(client.user, link="https://elsewhere.example/")
    assert client.post(reverse("supplier:inbox"), {"message": foreign.pk}).status_code == 404
    assert client.post(reverse("supplier:inbox"), {"message": "x"}).status_code == 404
    assert client.post(reverse("supplier:inbox"), {"message": outside.pk})["Location"] == reverse("supplier:inbox")
