"""Money that comes late, twice or for nothing: it ends in a seat or goes back, and nobody pays twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import errors as booking_errors
from bookings import services as booking_services
from bookings.models import SeatClaim
from finance import services
from finance.gateways.sandbox import SandboxGateway
from finance.models import Payment, Refund, SandboxCharge
from finance.services import payments
from tests.api import client_of
from tests.factories import NOW, LaunchFactory, MemberFactory, UserFactory, card, make_booking, make_hold, make_pending

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=11)


def charge_after_giving_up(booking):
    """The gateway takes so long that the job gives the payment up, and then charges all the same."""
    payment = payments._payment_open(booking.customer, booking.reference, NOW)
    services.payments_settle(now=LATER)
    payment.refresh_from_db()
    assert payment.status == "declined"
    answer = SandboxGateway().create(
        key=str(payment.pk), amount=payment.amount, currency=payment.currency, means=card()
    )
    return payments.payment_record(payment_id=payment.pk, answer=answer, now=LATER)


def test_a_payment_given_up_that_succeeds_after_all_goes_back():
    booking = make_pending(launch=LaunchFactory())

    payment, is_seated = charge_after_giving_up(booking)

    booking.refresh_from_db()
    refund = Refund.objects.get()
    assert (payment.status, is_seated, booking.status) == ("late", False, "pending")
    assert (refund.payment_id, refund.amount) == (payment.pk, booking.price_amount)


def test_who_paid_again_meanwhile_keeps_the_seat_and_gets_the_first_payment_back():
    booking = make_pending(launch=LaunchFactory())
    first = payments._payment_open(booking.customer, booking.reference, NOW)
    services.payments_settle(now=LATER)
    second = services.booking_pay(customer=booking.customer, reference=booking.reference, card=card(), now=LATER)
    answer = SandboxGateway().create(key=str(first.pk), amount=first.amount, currency=first.currency, means=card())

    payments.payment_record(payment_id=first.pk, answer=answer, now=LATER)

    booking.refresh_from_db()
    assert (second.status, booking.status) == ("succeeded", "confirmed")
    assert Refund.objects.get().payment_id == first.pk
    assert SandboxCharge.objects.count() == 2


def test_one_payment_that_cannot_be_settled_does_not_keep_the_others_waiting(monkeypatch):
    stuck, fine = make_pending(launch=LaunchFactory()), make_pending(launch=LaunchFactory())
    for booking in (stuck, fine):
        services.booking_pay(
            customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 0259"), now=NOW
        )
    confirm = booking_services.booking_confirm

    def confirm_or_break(*, booking_id, **values):
        if booking_id == stuck.pk:
            raise RuntimeError("a row that cannot be read")
        return confirm(booking_id=booking_id, **values)

    monkeypatch.setattr(booking_services, "booking_confirm", confirm_or_break)
    services.payments_settle(now=NOW + timedelta(minutes=1))

    fine.refresh_from_db()
    stuck.refresh_from_db()
    assert (stuck.status, fine.status) == ("pending", "confirmed")


def test_late_payments_do_not_get_around_the_seat_limit():
    launch, customer = LaunchFactory(seats=20), UserFactory()
    bookings = []
    for round_ in range(3):
        at = NOW + timedelta(minutes=16 * round_)
        booking = make_pending(launch=launch, customer=customer, seats=4, now=at)
        services.booking_pay(customer=customer, reference=booking.reference, card=card("4000 0025 0000 3155"), now=at)
        booking_services.holds_expire(now=at + timedelta(minutes=15))
        bookings.append(booking)
    at = NOW + timedelta(minutes=50)

    outcomes = []
    for booking in bookings:
        try:
            services.payment_challenge_answer(customer=customer, reference=booking.reference, code="123456", now=at)
            outcomes.append("seated")
        except booking_errors.SeatsGone:
            outcomes.append("refunded")

    assert outcomes == ["seated", "refunded", "refunded"]
    assert SeatClaim.objects.filter(status="sold").count() == 4
    assert Refund.objects.count() == 2


@pytest.mark.parametrize("change", ["aborted", "departed"])
def test_no_card_is_charged_when_no_seat_can_follow(change):
    launch = LaunchFactory(
        departure_at=NOW + timedelta(minutes=5) if change == "departed" else NOW + timedelta(days=500)
    )
    booking = make_pending(launch=launch)
    if change == "aborted":
        launch.status, launch.reason = "aborted", "weather"
        launch.save()

    with pytest.raises(booking_errors.LaunchNotOpen):
        services.booking_pay(
            customer=booking.customer, reference=booking.reference, card=card(), now=NOW + timedelta(minutes=10)
        )

    assert not SandboxCharge.objects.exists()
    assert not Payment.objects.exists()


def test_a_refund_that_the_gateway_refuses_is_tried_again_and_then_shown_as_failed():
    launch = LaunchFactory()
    booking = make_pending(launch=launch)
    services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card("4000 0000 0000 3220"), now=NOW
    )
    from finance.services.refunds import FAILED_AFTER, refund_for_cancellation

    (refund,) = refund_for_cancellation(
        booking_id=booking.pk, amount=booking.price_amount, cause="customer", event_id=1, now=NOW
    )
    for hour in range(FAILED_AFTER):
        services.refunds_send_due(now=NOW + timedelta(hours=hour))

    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("failed", FAILED_AFTER)
    assert "refused" in refund.latest_error


def soon():
    return timezone.now() + timedelta(days=500)


def test_the_same_key_never_charges_a_declined_card_again():
    booking = make_pending(launch=LaunchFactory(departure_at=soon()), now=timezone.now())
    client = client_of(booking.customer)
    url = f"/api/v1/customer/bookings/{booking.reference}/payment/"
    declined = {"number": "4000 0000 0000 0002", "expiry": "12/35", "code": "123"}

    first, again = (client.post(url, declined, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert (first.status_code, first.json()["code"]) == (409, "payment_declined")
    assert (again.status_code, again.json()["detail"]) == (409, first.json()["detail"])
    assert again.headers["Content-Type"] == "application/problem+json"
    assert SandboxCharge.objects.count() == 1


def test_seats_gone_stays_seats_gone():
    launch = LaunchFactory(seats=1, departure_at=soon())
    now = timezone.now()
    late = make_pending(launch=launch, now=now - timedelta(hours=1))
    services.booking_pay(
        customer=late.customer, reference=late.reference, card=card("4000 0025 0000 3155"), now=now - timedelta(hours=1)
    )
    make_booking(launch=launch, now=now)
    client, url = client_of(late.customer), f"/api/v1/customer/bookings/{late.reference}/payment/"
    answer = client.post(f"{url}challenge/", {"code": "123456"}, format="json", headers={"Idempotency-Key": "a"})

    again = client.post(f"{url}challenge/", {"code": "123456"}, format="json", headers={"Idempotency-Key": "a"})
    anew = client.post(url, {"number": "4242424242424242", "expiry": "12/35", "code": "123"}, format="json")

    assert [r.json()["code"] for r in (answer, again, anew)] == ["seats_gone"] * 3
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "has_names", "has_amounts"),
    [("owner", True, True), ("operator", True, False), ("finance", False, True), ("gate", True, False)],
)
def test_the_supplier_api_shows_each_role_what_its_portal_shows(role, has_names, has_amounts):
    launch = LaunchFactory(departure_at=soon())
    make_booking(launch=launch, now=timezone.now())
    member = MemberFactory(supplier=launch.supplier, role=role)

    booking = client_of(member.user).get(f"/api/v1/supplier/launches/{launch.pk}/bookings/").json()["results"][0]

    assert ("full_name" in booking["passengers"][0]) == has_names
    assert ("birth_date" in booking["passengers"][0]) == has_names
    assert ("price_amount" in booking) == ("price_amount" in booking["passengers"][0]) == has_amounts


def test_a_hold_names_each_seat_once():
    hold = make_hold(launch=LaunchFactory(departure_at=soon()), seats=2, now=timezone.now())

    assert client_of(hold.customer).get(f"/api/v1/customer/holds/{hold.pk}/").json()["seats"] == ["A1", "B1"]


def test_after_a_crash_nobody_is_told_that_nothing_was_charged_before_it_is_known():
    booking = make_pending(launch=LaunchFactory())
    Payment.objects.create(
        booking=booking, gateway="sandbox", amount=booking.price_amount, currency="USD", status="created",
        created_at=NOW,
    )  # fmt: skip

    payment = services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(), now=booking.hold.expires_at
    )

    assert payment.status == "processing"
    assert not SandboxCharge.objects.exists()
