"""What customer and launch desk read of a cancellation: by whom, what goes back, whether seats are sold again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings import services as booking_services
from bookings.models import SlipDecision
from common import outbox_consumers
from common.models import OutboxEvent
from finance import services as finance_services
from tests.factories import NOW, EmployeeFactory, LaunchFactory, MemberFactory, UserFactory, make_booking
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db
TOO_LATE = NOW.replace(year=2027, month=12, day=20)


@pytest.fixture(params=["en", "es"])
def booking(request):
    """A booking of two seats; everybody reads the same language."""
    launch = LaunchFactory(seats=6)
    MemberFactory(supplier=launch.supplier, role="owner", user=UserFactory(kind="supplier", language=request.param))
    return make_booking(launch=launch, customer=UserFactory(language=request.param), seats=2)


def cancel(booking, *, now=NOW, count=2):
    passengers = list(booking.passengers.order_by("pk").values_list("pk", flat=True))[:count]
    who = {"customer": booking.customer, "reference": booking.reference, "now": now}
    quote = booking_services.cancellation_quote(passenger_ids=passengers, **who)
    booking_services.booking_cancel(quote_id=quote.pk, **who)


def leave(booking):
    slip = SlipDecision.objects.create(
        booking=booking,
        launch=booking.launch,
        event_id=1,
        old_departure_at=booking.launch.departure_at - timedelta(days=40),
        new_departure_at=booking.launch.departure_at,
        deadline_at=NOW + timedelta(days=14),
        created_at=NOW,
    )
    booking_services.slip_answer(decision_id=slip.pk, answer="refund", now=NOW, actor=None)


def pay_back(booking):
    employee = EmployeeFactory(employee_role="finance")
    finance_services.refund_goodwill(
        actor=employee, reference=booking.reference, amount=booking.price_amount, reason="Sorry", now=NOW
    )


def mails(booking):
    """Return what the customer and the launch desk read, each as text and as HTML."""
    happened = outbox_consumers.delivered(OutboxEvent.objects.filter(name="bookings.booking.cancelled").latest("pk"))
    found = [told(happened, name, now=NOW) for name in ("booking_cancelled", "supplier_booking_cancelled")]
    return [(mail.body, html_of(mail)) for mail in found], booking.customer.language


SAID = {
    "en": {
        "leaving": (
            ["As you asked after the departure was moved, your booking is cancelled and everything comes back to you."],
            [
                "by the customer, who may leave with a full refund because the departure was moved.",
                "The customer gets $900,000 back.",
                "The seats are on sale again.",
            ],
        ),
        "in time": (
            ["As you asked, your booking is cancelled", "You get back: ", "The money goes back to the card"],
            ["by the customer. The customer gets $810,000 back.", "The seats are on sale again."],
        ),
        "too late": (
            ["You get back: ", "Nothing comes back, as the policy at your purchase says"],
            [
                "by the customer. Nothing goes back to the customer.",
                "The seats count as sold and are not sold again.",
            ],
        ),
        "paid back before": (
            ["Nothing more comes back: all that you paid for these seats had been paid back to you before."],
            [
                "by the customer. Nothing more goes back: the customer had been paid back before.",
                "The seats are on sale again.",
            ],
        ),
        "one seat": (
            ["As you asked, 1 of your seats is cancelled; the others stay booked."],
            ["1 passenger of booking", "was cancelled by the customer.", "The seat is on sale again."],
        ),
    },
    "es": {
        "leaving": (
            ["Como pidió tras el cambio de fecha, su reserva queda cancelada y le devolvemos todo el dinero."],
            [
                "El cliente ha cancelado la reserva",
                "puede renunciar con la devolución completa porque se cambió la salida. Se devuelven al cliente 900",
                "Los asientos vuelven a estar a la venta.",
            ],
        ),
        "in time": (
            ["Como pidió, su reserva queda cancelada", "El dinero vuelve a la tarjeta"],
            ["El cliente ha cancelado la reserva", ". Se devuelven al cliente 810", "Los asientos vuelven a estar a"],
        ),
        "too late": (
            ["No se devuelve nada, como dicen las condiciones de su compra"],
            ["No se devuelve nada al cliente.", "Los asientos cuentan como vendidos y no se vuelven a vender."],
        ),
        "paid back before": (
            ["No se devuelve nada más: todo lo que pagó por estos asientos ya se le había devuelto antes."],
            [
                "No se devuelve nada más: al cliente ya se le había devuelto todo antes.",
                "Los asientos vuelven a estar a la venta.",
            ],
        ),
        "one seat": (
            ["Como pidió, se ha cancelado 1 de sus asientos; los demás siguen reservados."],
            ["El cliente ha cancelado 1 pasajero de la reserva", "El asiento vuelve a estar a la venta."],
        ),
    },
}


@pytest.mark.parametrize("why", ["leaving", "in time", "too late", "paid back before", "one seat"])
def test_who_cancelled_what_goes_back_and_whether_the_seats_are_sold_again(booking, why):
    if why == "leaving":
        leave(booking)
    elif why == "too late":
        cancel(booking, now=TOO_LATE)
    else:
        if why == "paid back before":
            pay_back(booking)
        cancel(booking, count=1 if why == "one seat" else 2)

    (customer, desk), language = mails(booking)

    sentences = SAID[language]
    for texts, wanted in zip((customer, desk), sentences[why], strict=True):
        for text in texts:
            assert [one for one in wanted if one not in text] == []
    wrongly = "cancelled by Astro Bookings" if language == "en" else "Astro Bookings ha cancelado"
    assert wrongly not in desk[0] + desk[1]


def test_who_leaves_after_all_was_paid_back_is_promised_nothing(booking):
    pay_back(booking)
    leave(booking)

    (customer, desk), language = mails(booking)

    booking.refresh_from_db()
    assert booking.refund_amount == Decimal(900_000)
    sentences = SAID[language]["paid back before"]
    everything = "everything comes back" if language == "en" else "todo el dinero"
    for text in customer:
        assert sentences[0][0] in text
        assert everything not in text
    for text in desk:
        assert sentences[1][-1] in text
