"""A lock that somebody holds too long: 503, when to try again, and on pages everything that was typed."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking, Hold
from finance import services as finance_services
from finance.errors import PaymentUnrecorded
from finance.gateways.sandbox import SandboxGateway
from finance.models import SandboxCharge
from launches.models import Launch, LaunchSeat
from tests.factories import make_booking, make_hold, make_pending
from tests.locked import little_patience, somebody_holds
from tests.portals.customer.conftest import GOOD_CARD, enter, make_launch, now, passengers, supplier, vera, words
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures

__all__ = ["enter", "make_launch", "now", "supplier", "vera"]
pytestmark = pytest.mark.django_db(transaction=True)
SENTENCE = "We are busy right now. Nothing was changed; please try again in a moment."
UNRECORDED = PaymentUnrecorded.sentence


@pytest.fixture(autouse=True)
def _little_patience(vera):
    """Wait for locks a tenth of a second instead of three; the customer is signed in before."""
    with little_patience():
        yield


def busy(answer) -> bool:
    return (answer.status_code, answer["Retry-After"], SENTENCE in words(answer)) == (503, "3", True)


def test_choosing_seats_keeps_them_ticked(vera, make_launch):
    launch = make_launch()
    seats = list(launch.seats.order_by("pk")[:2])

    with somebody_holds(LaunchSeat.objects.filter(pk=seats[0].pk)):
        answer = vera.post(f"/launches/{launch.slug}/seats/", {"seats": [one.pk for one in seats]})

    html = answer.content.decode()
    assert busy(answer)
    for one in seats:
        assert f'value="{one.pk}" checked' in html
    assert not Hold.objects.exists()


@pytest.mark.parametrize("what", ["hold", "launch"])
def test_naming_passengers_keeps_what_was_typed(vera, make_launch, now, what):
    hold = make_hold(launch=make_launch(), customer=vera.user, seats=2, now=now)
    rows = Hold.objects.filter(pk=hold.pk) if what == "hold" else Launch.objects.filter(pk=hold.launch_id)

    with somebody_holds(rows):
        answer = vera.post(f"/book/{hold.pk}/passengers/", passengers(count=2, **{"1-full_name": "Ola Nordmann"}))

    assert busy(answer)
    assert 'value="Ola Nordmann"' in answer.content.decode()
    assert not Booking.objects.exists()


def test_paying_says_so_and_charges_nothing(vera, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = vera.post(f"/book/{booking.reference}/pay/", GOOD_CARD)

    assert busy(answer)
    assert "4242 4242" not in answer.content.decode().split('class="section sandbox"')[0]  # cards are never shown again
    booking.refresh_from_db()
    assert booking.status == "pending"


def test_a_lock_that_is_lost_after_the_charge_leads_to_the_payment_which_is_finished_by_itself(vera, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)

    with somebody_holds(Launch.objects.filter(pk=booking.launch_id)):
        page = words(vera.post(f"/book/{booking.reference}/pay/", GOOD_CARD, follow=True))

    assert SandboxCharge.objects.count() == 1
    assert "We are checking your payment" in page
    assert "You do not need to pay again" in page
    assert "Nothing was changed" not in page
    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=1))
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_code_whose_answer_is_not_written_down_is_told_so(vera, make_launch, now):
    booking = make_pending(launch=make_launch(), customer=vera.user, now=now)
    vera.post(f"/book/{booking.reference}/pay/", {**GOOD_CARD, "number": "4000 0025 0000 3155"})

    with somebody_holds(Launch.objects.filter(pk=booking.launch_id)):
        answer = vera.post(f"/book/{booking.reference}/pay/code/", {"code": "123456"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert UNRECORDED in words(answer)
    assert "Nothing was changed" not in words(answer)
    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=1))
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_the_api_says_of_a_charge_that_is_not_written_down_that_it_goes_on(vera, make_launch, now, monkeypatch):
    booking, launch = make_pending(launch=make_launch(), customer=vera.user, now=now), make_launch()
    charge, locks = SandboxGateway.create, ExitStack()

    def then_somebody_locks(*args, **values):
        answer = charge(*args, **values)
        locks.enter_context(somebody_holds(Launch.objects.all()))
        return answer

    monkeypatch.setattr(SandboxGateway, "create", then_somebody_locks)
    person = {"full_name": "Ola Nordmann", "email": "ola@example.com", "phone": "+47 22 12 34 56",
              "birth_date": "1990-01-01"}  # fmt: skip
    calls = {
        f"/api/v1/customer/bookings/{booking.reference}/payment/": GOOD_CARD,
        "/api/v1/customer/checkouts/": {"launch_id": launch.pk, "passengers": [person], "payment": GOOD_CARD},
    }
    answers = []
    for path, body in calls.items():
        with locks:
            answers.append(vera.post(path, body, content_type="application/json"))

    assert [(answer.status_code, answer["Retry-After"], answer.json()["code"]) for answer in answers] == [
        (503, "3", "payment_unrecorded")
    ] * 2
    assert [answer.json()["detail"] for answer in answers] == [UNRECORDED] * 2
    made = Booking.objects.exclude(pk=booking.pk).get()
    assert answers[1].json()["reference"] == made.reference
    finance_services.payments_settle(now=timezone.now() + timedelta(minutes=1))
    assert {one.status for one in Booking.objects.all()} == {"confirmed"}


def test_cancelling_keeps_the_choice_and_the_yes(vera, make_launch, now):
    booking = make_booking(launch=make_launch(), customer=vera.user, seats=2, now=now)
    one = booking.passengers.order_by("pk").first()
    quote = booking_services.cancellation_quote(customer=vera.user, reference=booking.reference, now=now)

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        choice = vera.post(f"/trips/{booking.reference}/cancel/", {"passengers": [one.pk]})
        sure = vera.post(f"/trips/{booking.reference}/cancel/{quote.pk}/", {"sure": "on"})

    assert busy(choice)
    assert busy(sure)
    assert f'value="{one.pk}"' in choice.content.decode()
    assert choice.content.decode().count(" checked") == 1
    assert 'name="sure"' in sure.content.decode()
    assert " checked" in sure.content.decode()
    booking.refresh_from_db()
    assert booking.status == "confirmed"


@pytest.mark.parametrize("page", ["", "replace/"])
def test_changing_a_passenger_keeps_what_was_typed(vera, make_launch, now, page):
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)
    typed = {"full_name": "Ola Nordmann", "email": "ola@example.com", "phone": "+47 22 12 34 56",
             "birth_date": "1990-01-01"}  # fmt: skip

    with somebody_holds(Booking.objects.filter(pk=booking.pk)):
        answer = vera.post(f"/trips/{booking.reference}/passengers/{booking.passengers.get().pk}/{page}", typed)

    assert busy(answer)
    assert 'value="Ola Nordmann"' in answer.content.decode()
    assert booking.passengers.get().full_name == "Traveller A"


def test_changing_a_seat_keeps_it_ticked(vera, make_launch, now):
    booking = make_booking(launch=make_launch(), customer=vera.user, now=now)
    wanted = booking.launch.seats.get(label="A3")

    with somebody_holds(LaunchSeat.objects.filter(pk=wanted.pk)):
        answer = vera.post(
            f"/trips/{booking.reference}/passengers/{booking.passengers.get().pk}/seat/", {"seat": wanted.pk}
        )

    assert busy(answer)
    assert f'value="{wanted.pk}" checked' in answer.content.decode()
    assert booking.passengers.get().seat_label == "A1"


def test_a_supplier_keeps_the_ticked_seats(member, make_launch):
    launch, client = make_launch(), member()
    seat = launch.seats.get(label="A3")

    with somebody_holds(LaunchSeat.objects.filter(pk=seat.pk)):
        answer = client.post(f"/supplier/launches/{launch.pk}/seats/", {"do": "withdraw", "seat_ids": [seat.pk]})

    assert busy(answer)
    assert f'value="{seat.pk}" checked' in answer.content.decode()
    assert not launch.seats.filter(is_blocked=True).exists()


def test_the_api_answers_503_with_the_time_to_try_again(vera, make_launch, now):
    launch = make_launch()
    hold = make_hold(launch=launch, customer=vera.user, now=now)
    booking = make_booking(launch=launch, customer=vera.user, now=now)
    pending = make_pending(launch=make_launch(), customer=vera.user, now=now)
    one = booking.passengers.get()
    free = launch.seats.get(label="B3")
    mine = f"/api/v1/customer/bookings/{booking.reference}"
    calls = {
        "extension": ("post", f"/api/v1/customer/holds/{hold.pk}/extension/", {}),
        "hold": ("post", "/api/v1/customer/holds/", {"launch_id": launch.pk, "seat_ids": [free.pk]}),
        "release": ("post", f"/api/v1/customer/bookings/{pending.reference}/release/", {}),
        "correction": ("patch", f"{mine}/passengers/{one.pk}/", {"email": "new@example.com"}),
        "seat": ("post", f"{mine}/passengers/{one.pk}/seat/", {"seat_id": free.pk}),
        "quote": ("post", f"{mine}/cancellation-quotes/", {}),
    }
    rows = {
        "extension": Hold.objects.filter(pk=hold.pk),
        "hold": LaunchSeat.objects.filter(pk=free.pk),
        "release": Booking.objects.filter(pk=pending.pk),
        "correction": Booking.objects.filter(pk=booking.pk),
        "seat": LaunchSeat.objects.filter(pk=free.pk),
        "quote": Booking.objects.filter(pk=booking.pk),
    }

    answers = {}
    for name, (method, path, body) in calls.items():
        with somebody_holds(rows[name]):
            answers[name] = getattr(vera, method)(path, body, content_type="application/json")

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(calls, 503)
    assert {answer["Retry-After"] for answer in answers.values()} == {"3"}
    assert {answer.json()["code"] for answer in answers.values()} == {"busy"}
    hold.refresh_from_db()
    assert hold.extended_at is None
