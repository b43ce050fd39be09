"""What the pages show, how they search and page, and how many queries they need."""

import pytest
from django.urls import reverse

from common.models import OutboxEvent, OutboxFailure
from documents import audit
from documents.records import AuditRecord
from launches.models import Supplier
from notifications.models import Notification
from tests.factories import SupplierFactory, UserFactory
from tests.portals.desks import text


def test_the_overview_shows_the_day(employee, make_launch, book):
    booking = book(make_launch())
    page = text(employee("admin").get(reverse("employee:home")))
    assert booking.reference in page
    assert '<span class="stat__label">Bookings today</span><p class="stat__value stat__value--short">1</p>' in page
    assert "Never run" in page
    assert "not running" in page


def test_bookings_are_found_by_reference_email_passenger_and_mission(employee, make_launch, book):
    wanted = book(make_launch(mission_name="Quiet Dawn"), customer=UserFactory(email="vera@example.org"))
    other = book(make_launch(mission_name="Loud Noon"), customer=UserFactory(email="nora@example.org"))
    client = employee("support")
    for search in (wanted.reference.lower(), "VERA@", "quiet"):
        page = text(client.get(reverse("employee:booking-list"), {"q": search}))
        assert wanted.reference in page, search
        assert other.reference not in page, search
    assert "Nothing found" in text(client.get(reverse("employee:booking-list"), {"q": "100%_nobody\x00"}))
    assert "Nothing found" in text(client.get(reverse("employee:booking-list"), {"status": "cancelled"}))


def test_a_booking_shows_money_history_audit_and_messages(employee, make_launch, book, now):
    booking = book(make_launch(), seats=2)
    entry = AuditRecord(
        event_id=7,
        name="bookings.booking.confirmed",
        occurred_at=now,
        actor_email="vera@example.org",
        origin="portal",
        subject_kind="booking",
        subject_id=str(booking.pk),
    )
    audit.append(records=[entry], now=now)
    Notification.objects.create(
        template="booking_confirmed",
        dedupe_key="one",
        address="vera@example.org",
        subject="You are booked",
        facts={"booking_id": booking.pk},
        due_at=now,
        give_up_at=now,
        created_at=now,
    )
    page = text(employee("finance").get(reverse("employee:booking-detail", args=[booking.reference])))
    for expected in (
        "Traveller A",
        "$900,000",
        "ending 4242",
        "pending → confirmed",
        "Booking confirmed",
        "You are booked",
    ):
        assert expected in page, expected


def test_a_booking_can_be_read_while_the_log_store_is_away(employee, make_launch, book, mongo_servers):
    booking = book(make_launch())
    client = employee("support")
    mongo_servers.logs.kill()
    answer = client.get(reverse("employee:booking-detail", args=[booking.reference]))
    assert answer.status_code == 200
    assert "The store is away." in text(answer)


@pytest.fixture
def message(now):
    def make(status="failed", **fields):
        values = {"address": "vera@example.org", "subject": "You are booked", "template": "booking_confirmed", **fields}
        return Notification.objects.create(
            dedupe_key=f"key-{Notification.objects.count()}",
            facts={},
            status=status,
            due_at=now,
            give_up_at=now,
            created_at=now,
            **values,
        )

    return make


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("retry", "pending", "is due again"),
        ("cancel", "cancelled", "is cancelled"),
        ("mark-sent", "sent", "is marked as sent"),
    ],
)
def test_a_failed_message_is_retried_cancelled_or_marked(employee, message, action, status, words):
    row = message()
    client = employee("it")
    here = reverse("employee:notification-list") + "?status=failed"
    answer = client.post(reverse("employee:notification-act", args=[row.pk, action]), {"here": here}, follow=True)
    row.refresh_from_db()
    assert row.status == status
    assert answer.redirect_chain[0][0] == here
    assert words in text(answer)


def test_a_message_that_is_sent_stays_sent(employee, message, now):
    row = message("sent", sent_at=now)
    client = employee("it")
    answer = client.post(reverse("employee:notification-act", args=[row.pk, "cancel"]), follow=True,
                         headers={"Referer": "http://testserver/employee/messages/"})  # fmt: skip
    row.refresh_from_db()
    assert row.status == "sent"
    assert "cannot be cancelled" in text(answer)
    assert client.post(reverse("employee:notification-act", args=[row.pk, "explode"])).status_code == 404
    assert client.post(reverse("employee:notification-act", args=[10**20, "retry"])).status_code == 404


def test_the_queue_never_sends_to_another_site(employee, message):
    answer = employee("it").post(
        reverse("employee:notification-act", args=[message().pk, "retry"]), {"here": "https://elsewhere.example/"}
    )
    assert answer["Location"] == reverse("employee:notification-list")


def test_kept_mails_are_read_as_text(employee, settings, tmp_path):
    from django.core.mail import EmailMultiAlternatives

    from notifications.mail import FileBackend

    settings.MAIL_DIR = tmp_path
    mail = EmailMultiAlternatives("Hello <b>you</b>", "Plain words <script>", "a@example.org", ["vera@example.org"])
    mail.attach_alternative("<script>alert(1)</script>", "text/html")
    mail.attach("../evil.html", "<script>alert(2)</script>", "text/html")
    FileBackend().send_messages([mail])
    client = employee("it")
    listed = client.get(reverse("employee:mail-list"))
    name = listed.context["mails"][0].name
    page = text(client.get(reverse("employee:mail-detail", args=[name])))
    file = client.get(reverse("employee:mail-attachment", args=[name, 0]))
    assert "Plain words &lt;script&gt;" in page
    assert "alert(1)" not in page
    assert file["Content-Type"] == "application/octet-stream"
    assert file["Content-Disposition"].startswith("attachment")
    assert "/" not in file["Content-Disposition"].split("filename=")[1]
    assert client.get(reverse("employee:mail-attachment", args=[name, 9])).status_code == 404
    assert client.get(reverse("employee:mail-detail", args=["..%2f..%2fetc%2fpasswd"])).status_code == 404


def test_a_parked_event_is_tried_again(employee, now):
    event = OutboxEvent.objects.create(name="bookings.booking.confirmed", payload={"booking_id": 1}, origin="portal")
    row = OutboxFailure.objects.create(consumer="audit", event=event, attempts=8, error="ValueError: no", parked_at=now)
    client = employee("it")
    before = text(client.get(reverse("employee:event-list")))
    after = text(client.post(reverse("employee:event-retry", args=[row.pk]), follow=True))
    row.refresh_from_db()
    assert "Parked" in before
    assert "ValueError: no" in before
    assert row.parked_at is None
    assert "is tried again" in after
    assert client.post(reverse("employee:event-retry", args=[999999])).status_code == 404


def test_suppliers_are_approved_and_suspended(employee):
    waiting = SupplierFactory(status="applied", trade_name="New Rockets")
    bare = SupplierFactory(status="applied", trade_name="Bare Rockets", legal_name="", tax_id="")
    client = employee("support")

    listed = text(client.get(reverse("employee:supplier-list")))
    approved = text(client.post(reverse("employee:supplier-approve", args=[waiting.pk]), follow=True))
    client.post(reverse("employee:supplier-approve", args=[bare.pk]))
    no_reason = client.post(reverse("employee:supplier-suspend", args=[waiting.pk]), {"reason": " "})
    still = Supplier.objects.get(pk=waiting.pk).status
    suspended = text(
        client.post(reverse("employee:supplier-suspend", args=[waiting.pk]), {"reason": "Debts"}, follow=True)
    )

    assert "not complete" in listed
    assert "New Rockets may sell." in approved
    assert Supplier.objects.get(pk=bare.pk).status == "applied"
    assert no_reason.status_code == 422
    assert "Say why" in text(no_reason)
    assert still == "approved"
    assert "New Rockets is suspended" in suspended
    assert Supplier.objects.get(pk=waiting.pk).status == "suspended"


def test_people_are_found(employee):
    UserFactory(email="vera@example.org", full_name="Vera Customer")
    UserFactory(email="nora@example.org")
    page = text(employee("it").get(reverse("employee:user-list"), {"q": "VERA"}))
    assert "vera@example.org" in page
    assert "nora@example.org" not in page


@pytest.mark.parametrize(
    "name", ["home", "booking-list", "launch-list", "notification-list", "event-list", "user-list", "supplier-list"]
)
def test_the_number_of_queries_does_not_grow(
    employee, make_launch, book, message, now, name, django_assert_num_queries, django_assert_max_num_queries
):
    def add():
        book(make_launch())
        message()
        event = OutboxEvent.objects.create(name="a.b.c", payload={}, origin="portal")
        OutboxFailure.objects.create(consumer="audit", event=event, error="no")

    client = employee("admin")
    add()
    with django_assert_max_num_queries(22) as few:
        client.get(reverse(f"employee:{name}"))
    add()
    add()
    with django_assert_num_queries(len(few)):
        client.get(reverse(f"employee:{name}"))


def test_the_page_of_a_booking_needs_the_same_queries_for_one_and_three_seats(
    employee, make_launch, book, django_assert_num_queries, django_assert_max_num_queries
):
    client = employee("admin")
    one, three = book(make_launch()), book(make_launch(), seats=3)
    with django_assert_max_num_queries(16) as few:
        client.get(reverse("employee:booking-detail", args=[one.reference]))
    with django_assert_num_queries(len(few)):
        client.get(reverse("employee:booking-detail", args=[three.reference]))


def test_every_page_can_be_asked_for_as_a_fragment(employee, make_launch, book):
    book(make_launch())
    client = employee("admin")
    for name in ("booking-list", "launch-list", "log-list", "audit-list", "user-list"):
        page = text(client.get(reverse(f"employee:{name}"), headers={"HX-Request": "true"}))
        assert "<html" not in page, name


def test_an_account_shows_who_it_is_and_what_was_booked_with_it(employee, make_launch, book):
    launch = make_launch()
    booking, other = book(launch), book(launch)
    person, client = booking.customer, employee("support")
    address = reverse("employee:user-detail", args=[person.pk])

    page = text(client.get(address))

    assert person.email in page
    assert booking.reference in page
    assert other.customer_id != person.pk
    assert other.reference not in page
    assert reverse("employee:audit-list") not in page
    assert reverse("employee:audit-list") in text(employee("it").get(address))
    assert address in text(client.get(reverse("employee:user-list")))
    assert address in text(client.get(reverse("employee:booking-detail", args=[booking.reference])))


def test_an_account_that_is_not_there_is_not_found(employee):
    answer = employee("support").get(reverse("employee:user-detail", args=[987654321]))
    assert answer.status_code == 404
    assert "There is no such account." in text(answer)
