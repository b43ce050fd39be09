"""One call from the choice of seats to the confirmed booking."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from bookings.services import PassengerInput
from common import clock, outbox
from common.idempotency import Attempt
from common.money import round_money
from common.web.api import IdempotentView, read_input
from finance import services
from finance.api.views import CardInput, means_read

BIGINT_MAX = 2**63 - 1


class CheckoutPassengerInput(serializers.Serializer[Any]):
    full_name = serializers.CharField(max_length=200, trim_whitespace=False)
    email = serializers.CharField(max_length=254)
    phone = serializers.CharField(max_length=40)
    birth_date = serializers.DateField()


class CheckoutInput(serializers.Serializer[Any]):
    launch_id = serializers.IntegerField(min_value=1, max_value=BIGINT_MAX)
    seat_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGINT_MAX),
        required=False,
        max_length=20,
        help_text="one for each passenger, who get them in cabin order; without it the best free ones",
    )
    passengers = serializers.ListField(child=CheckoutPassengerInput(), allow_empty=False, max_length=20)
    payment = CardInput()


class CheckoutOutput(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.CharField(help_text="confirmed, or pending while the payment is not through")
    launch_id = serializers.IntegerField()
    price_amount = serializers.CharField()
    price_currency = serializers.CharField()
    payment_id = serializers.UUIDField()
    payment_status = serializers.CharField(help_text="as for a booking's payment")


class CheckoutView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_checkout_create",
        tags=["customer"],
        summary="Book and pay in one call",
        description=(
            "Takes the seats, names the passengers and pays. When the card is declined (409) or asks for its holder, "
            "the booking stays pending until its hold ends: pay it at its own address."
        ),
        request=CheckoutInput,
        responses={201: CheckoutOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = read_input(CheckoutInput, request.data)
        passengers = [PassengerInput(**one) for one in given["passengers"]]
        card = means_read(given["payment"])

        def call(attempt: Attempt) -> tuple[int, Any]:
            with outbox.left_to_worker():
                made = services.checkout(
                    customer=request.user,
                    launch_id=given["launch_id"],
                    seat_ids=given.get("seat_ids", ()),
                    passengers=passengers,
                    card=card,
                    now=clock.now(),
                    attempt=attempt,
                )
            return 201, _body(made)

        return self.answer_attempt(request, call)


def _body(made: services.Checkout) -> dict[str, Any]:
    booking = made.booking
    return {
        "reference": booking.reference,
        "status": booking.status,
        "launch_id": booking.launch_id,
        "price_amount": str(round_money(booking.price_amount, booking.price_currency)),
        "price_currency": booking.price_currency,
        "payment_id": str(made.payment.pk),
        "payment_status": made.payment.status,
    }
