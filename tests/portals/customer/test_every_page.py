"""What holds for every page: who may enter, the content security policy, titles, a fixed number of queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services as account_services
from bookings import selectors as booking_selectors
from bookings import services as booking_services
from finance import services as finance_services
from notifications.models import Notification
from tests.bookings.moving import sister
from tests.bookings.test_slips import delay
from tests.copies import copies_gone, copies_written
from tests.factories import UserFactory, card, make_booking, make_hold, make_pending
from tests.portals.customer.conftest import csp_breaks, title

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(vera, make_launch, now):
    """The address of every page, with something to show on each."""
    me = vera.user
    launch = make_launch(seats=12)
    booking = make_booking(launch=launch, customer=me, seats=2, now=now)
    code, wait = (make_pending(launch=make_launch(), customer=me, now=now) for _ in range(2))
    for one, number in ((code, "4000 0025 0000 3155"), (wait, "4000 0000 0000 0259")):
        finance_services.booking_pay(customer=me, reference=one.reference, card=card(number), now=now)
    pending = make_pending(launch=make_launch(), customer=me, now=now)
    hold = make_hold(launch=make_launch(), customer=me, now=now)
    quote = booking_services.cancellation_quote(customer=me, reference=booking.reference, now=now)
    part = booking_services.cancellation_quote(
        customer=me, reference=booking.reference, now=now, passenger_ids=[booking.passengers.first().pk]
    )
    booking_services.booking_cancel(customer=me, reference=booking.reference, quote_id=part.pk, now=now)
    full = make_launch(seats=1)
    make_booking(launch=full, now=now)
    waiting = booking_services.waiting_join(customer=me, launch_id=full.pk, party=1, now=now)
    moving = make_booking(launch=make_launch(), customer=me, now=now)
    target = sister(moving.launch, departure_at=now + timedelta(days=450))
    move = booking_services.rebooking_open(customer=me, reference=moving.reference, launch_id=target.pk, now=now)
    delay(moving.launch, now=now)
    slip = booking_selectors.slip_token(booking_selectors.slip_open_of(booking_id=moving.pk, now=now).pk)
    invoice = finance_services.invoice_issue(booking_id=booking.pk, event_id=1, today=timezone.now().date())
    saved = account_services.saved_passenger_add(
        customer=me, full_name="Kim Other", email="kim@example.com", phone="+34600000001",
        birth_date=date(1990, 2, 3), is_agreed=True, now=now,
    )  # fmt: skip
    return {
        "home": "/",
        "launch-list": "/launches/?q=mission",
        "launch-detail": f"/launches/{launch.slug}/",
        "supplier-list": "/suppliers/",
        "help": "/help/",
        "hold-passengers": f"/book/{hold.pk}/passengers/",
        "hold-expired": f"/book/{hold.pk}/expired/",
        "booking-review": f"/book/{pending.reference}/check/",
        "booking-pay": f"/book/{pending.reference}/pay/",
        "booking-challenge": f"/book/{code.reference}/pay/code/",
        "booking-wait": f"/book/{wait.reference}/pay/wait/",
        "booking-done": f"/book/{booking.reference}/done/",
        "trip-list": "/trips/",
        "trip-detail": f"/trips/{booking.reference}/",
        "trip-passengers": f"/trips/{booking.reference}/passengers/",
        "passenger-edit": f"/trips/{booking.reference}/passengers/{booking.passengers.last().pk}/",
        "passenger-replace": f"/trips/{booking.reference}/passengers/{booking.passengers.last().pk}/replace/",
        "passenger-seat": f"/trips/{booking.reference}/passengers/{booking.passengers.last().pk}/seat/",
        "trip-cancel": f"/trips/{booking.reference}/cancel/",
        "trip-cancel-quote": f"/trips/{booking.reference}/cancel/{quote.pk}/",
        "trip-cancelled": f"/trips/{booking.reference}/cancelled/{part.pk}/",
        "waiting-detail": f"/waiting/{waiting.pk}/",
        "trip-move": f"/trips/{moving.reference}/move/",
        "trip-move-seats": f"/trips/{moving.reference}/move/{target.slug}/",
        "trip-move-check": f"/trips/{moving.reference}/moving/{move.pk}/",
        "slip": f"/slips/{slip}/",
        "invoice-list": "/invoices/",
        "invoice-detail": f"/invoices/{invoice.pk}/",
        "profile": "/profile/",
        "saved-passengers": "/profile/passengers/",
        "saved-passenger-add": "/profile/passengers/add/",
        "saved-passenger-edit": f"/profile/passengers/{saved.id}/",
        "inbox": "/inbox/",
        "preferences": "/preferences/",
    }


OPEN = {"home", "launch-list", "launch-detail", "supplier-list", "help", "slip"}


def test_every_page_keeps_the_policy_and_says_what_to_do(vera, addresses):
    seen = {}
    for name, path in addresses.items():
        answer = vera.get(path)
        assert answer.status_code == 200, name
        assert csp_breaks(answer) == [], name
        assert "HX-Request" in answer["Vary"], name
        assert answer.content.decode().count("<h1") == 1, name
        seen.setdefault(title(answer), []).append(name)
    assert [names for names in seen.values() if len(names) > 1] == []


def test_strangers_sign_in_first_and_others_may_not_enter(client, visitor, addresses):
    owner, support = visitor("owner"), visitor("support")
    for name, path in addresses.items():
        if name in OPEN:
            continue
        stranger = client.get(path)
        assert stranger.status_code == 302, name
        assert stranger["Location"].startswith("/accounts/sign-in/?next=/"), name
        assert owner.get(path).status_code == 403, name
        assert support.get(path).status_code == 403, name


@pytest.mark.parametrize(
    "path",
    [
        "/inbox/read/",
        "/profile/passengers/x/remove/",
        "/profile/passengers/forget/",
        "/launches/x/seats/",
        "/book/6c5f7a0e-7b0c-4a52-9f0e-2a4f0a3f2f10/release/",
        "/book/6c5f7a0e-7b0c-4a52-9f0e-2a4f0a3f2f10/extension/",
        "/book/AAAAAA/release/",
    ],
)
def test_what_changes_something_is_never_a_link(vera, path):
    assert vera.get(path).status_code == 405


def queries(client, path) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def _bookings(person, make_launch, now, count):
    for number in range(count):
        Notification.objects.create(
            template="bookings.confirmed",
            dedupe_key=f"{person.pk}-{number}",
            receiver=person,
            subject="A message",
            facts={},
            status="sent",
            due_at=now,
            give_up_at=now,
            created_at=now,
        )
        booking = make_booking(launch=make_launch(), customer=person, seats=1, now=now)
        finance_services.invoice_issue(booking_id=booking.pk, event_id=booking.pk, today=now.date())
        make_hold(launch=make_launch(), customer=person, now=now)


@pytest.mark.parametrize(("is_written", "more"), [(True, 0), (False, 2)], ids=["from documents", "from postgresql"])
@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 8), ("/launches/", 8), ("/suppliers/", 6), ("/trips/", 9), ("/invoices/", 6), ("/inbox/", 6)],
)
def test_lists_ask_as_often_for_three_as_for_one(enter, make_launch, now, path, most, is_written, more):
    one, three = UserFactory(), UserFactory()
    _bookings(one, make_launch, now, 1)
    copies_written() if is_written else copies_gone()
    few = queries(enter(one), path)
    _bookings(three, make_launch, now, 3)
    copies_written() if is_written else copies_gone()

    many = queries(enter(three), path)

    assert many == few
    assert many <= most + more


@pytest.mark.parametrize(
    "path", ["/launches/{slug}/", "/trips/{reference}/", "/trips/{reference}/cancel/", "/book/{reference}/done/"]
)
def test_pages_ask_as_often_for_three_seats_as_for_one(vera, make_launch, now, path):
    counts = []
    for seats in (1, 3):
        booking = make_booking(launch=make_launch(seats=seats + 2), customer=vera.user, seats=seats, now=now)
        counts.append(queries(vera, path.format(slug=booking.launch.slug, reference=booking.reference)))

    assert counts[0] == counts[1]
    assert counts[0] <= 14


@pytest.mark.parametrize("path", ["/book/{hold}/passengers/", "/book/{reference}/check/", "/book/{reference}/pay/"])
def test_the_flow_asks_as_often_for_three_seats_as_for_one(vera, make_launch, now, path):
    counts = []
    for seats in (1, 3):
        booking = make_pending(launch=make_launch(), customer=vera.user, seats=seats, now=now)
        counts.append(queries(vera, path.format(hold=booking.hold_id, reference=booking.reference)))

    assert counts[0] == counts[1]
    assert counts[0] <= 12
