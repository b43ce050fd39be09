"""Walking over the steps of a request, and how the customer goes on after the kill."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

from django.utils import timezone

from bookings.models import Booking, SeatClaim
from finance.models import Payment, SandboxCharge
from launches.models import Launch
from tests.bookings.moving import sister
from tests.factories import LaunchFactory
from tests.kills.soundness import jobs_run, seats_wrong
from tests.kills.webs import Answer, Request, ask, ask_again, ask_and_kill

GOOD, LOST = "4242 4242 4242 4242", "4000 0000 0000 0259"
MEANWHILE: dict[str, Callable[[], None]] = {
    "asks again at once": lambda: None,
    "asks again after the jobs": lambda: jobs_run(later=timedelta(minutes=1)),
    "asks again when the hold is over": lambda: jobs_run(later=timedelta(minutes=20)),
}


def launch_ahead(**changes) -> Launch:
    """A launch in a year and a half, with seats for a whole walk."""
    return LaunchFactory(**{"seats": 200, "departure_at": timezone.now() + timedelta(days=500), **changes})


def sister_ahead(launch: Launch, **changes) -> Launch:
    """Another one, a month later."""
    return sister(launch, departure_at=timezone.now() + timedelta(days=530), seats=200, **changes)


def killed(make: Callable[[], Request]) -> Iterator[Request]:
    """
    Yield requests that were killed at step 1, 2, 3 ..., until one is answered; after each kill nothing is half done.

    Money may be on its way at these instants, seats never are.
    """
    for number in count(1):
        request = make()
        if ask_and_kill(request, kill_at=number) is not None:
            return
        wrong = seats_wrong()
        assert not wrong, "; ".join(wrong)
        yield request


def card_body(number: str) -> dict[str, str]:
    """A test card."""
    return {"number": number, "expiry": "12/30", "code": "123"}


def passengers_body(count: int = 2) -> list[dict[str, str]]:
    """People who may fly."""
    return [
        {
            "full_name": f"Traveller {letter}",
            "email": f"{letter.lower()}@example.com",
            "phone": "+1 415 555 0123",
            "birth_date": "1985-06-15",
        }
        for letter in "ABCD"[:count]
    ]


def checkout_request(customer, launch: Launch, card: str = GOOD) -> Request:
    """Two seats, booked and paid in one call."""
    body = {"launch_id": launch.pk, "passengers": passengers_body(), "payment": card_body(card)}
    return Request(customer=customer, path="customer/checkouts/", body=body)


Standing = tuple[str, str, bool]


def standing(customer) -> Standing:
    """Where a customer's purchase or move was cut: booking, latest payment, whether the gateway has charged it."""
    booking = Booking.objects.filter(customer=customer).first()
    payment = Payment.objects.filter(booking=booking).order_by("-created_at").first() if booking else None
    is_charged = payment is not None and SandboxCharge.objects.filter(key=str(payment.pk)).exists()
    return booking.status if booking else "", payment.status if payment else "", is_charged


def assert_has_one_booking(customer, launch: Launch, *, seats: int = 2) -> Booking:
    """The customer has one confirmed booking with its seats on the launch, and no other seat anywhere."""
    (booking,) = Booking.objects.filter(customer=customer, status="confirmed")
    live = SeatClaim.objects.filter(customer=customer, status__in=["held", "sold"])
    assert booking.launch_id == launch.pk
    assert sorted(live.values_list("status", "launch_id")) == [("sold", launch.pk)] * seats
    return booking


def finish(request: Request, *, refusals: tuple[str, ...], fresh: Callable[[], Request | None]) -> Answer:
    """
    Go on as the customer would: the same request again; where its time ran out, a new one.

    Args:
        refusals: the codes that say that its time ran out.
        fresh: the new request; None when the answer left nothing to do.
    Returns: the answer to the latest of them.
    """
    answer = ask_again(request)
    if answer.code:
        assert answer.code in refusals, answer
        if another := fresh():
            answer = ask(another)
    assert answer.status == 201, answer
    return answer
