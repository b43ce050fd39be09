"""What somebody who never saw the portal stumbled over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import services as booking_services
from finance import services as finance_services
from tests.factories import LaunchFactory, UserFactory, card, make_booking, make_hold, make_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(client):
    customer = UserFactory(full_name="Ana Before")
    client.force_login(customer)
    return customer


def launch_next_year():
    return LaunchFactory(departure_at=timezone.now() + timedelta(days=500))


def test_a_hold_replaced_in_another_window_says_so_and_leads_to_the_other(client, customer):
    launch = launch_next_year()
    old = make_hold(launch=launch, customer=customer, now=timezone.now())
    new = make_hold(launch=launch, customer=customer, now=timezone.now())

    page = client.get(f"/book/{old.pk}/expired/").content.decode()

    assert "perhaps in another window" in page
    assert f"/book/{new.pk}/passengers/" in page
    assert "gave them back" not in page


def test_a_hold_given_back_says_that(client, customer):
    hold = make_hold(launch=launch_next_year(), customer=customer, now=timezone.now())
    booking_services.hold_release(customer=customer, hold_id=hold.pk)

    assert "You gave them back." in client.get(f"/book/{hold.pk}/expired/").content.decode()


@pytest.mark.parametrize(("number", "leads_to"), [(None, "check"), ("4000 0000 0000 0259", "pay/wait")])
def test_the_reference_of_an_unpaid_booking_leads_to_where_it_stands(client, customer, number, leads_to):
    booking = make_pending(launch=launch_next_year(), customer=customer, now=timezone.now())
    if number:
        finance_services.booking_pay(
            customer=customer, reference=booking.reference, card=card(number), now=timezone.now()
        )

    answer = client.get(f"/trips/{booking.reference}/")

    assert (answer.status_code, answer.url) == (303, f"/book/{booking.reference}/{leads_to}/")


def test_somebody_elses_unpaid_booking_is_not_there(client, customer):
    booking = make_pending(launch=launch_next_year(), now=timezone.now())

    assert client.get(f"/trips/{booking.reference}/").status_code == 404


def test_a_new_name_in_the_profile_is_the_name_in_mails_too(client, customer):
    answer = client.post("/profile/", {"full_name": "Ana After", "phone": "", "birth_date": ""})

    customer.refresh_from_db()
    assert (answer.status_code, customer.full_name) == (303, "Ana After")


def test_a_cancelled_trip_draws_no_cabin(client, customer):
    booking = make_booking(launch=launch_next_year(), customer=customer, now=timezone.now())
    who = {"customer": customer, "reference": booking.reference, "now": timezone.now()}
    before = client.get(f"/trips/{booking.reference}/").content.decode()
    booking_services.booking_cancel(quote_id=booking_services.cancellation_quote(**who).pk, **who)

    after = client.get(f"/trips/{booking.reference}/").content.decode()

    assert "Your seats" in before
    assert "Your seats" not in after
