"""Customers pay."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from bookings import selectors as booking_selectors
from common.money import round_money
from common.web.api import IdempotentView, read_input
from finance import selectors, services
from finance.models import Payment
from finance.services import Card


class CardInput(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=30, help_text="in the sandbox a test card, e.g. 4242 4242 4242 4242")
    expiry = serializers.CharField(max_length=10, help_text="MM/YY")
    code = serializers.CharField(max_length=6)


class ChallengeInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20)


class PaymentOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.CharField(help_text="succeeded, challenge (answer it), or processing (ask again)")
    amount = serializers.CharField()
    currency = serializers.CharField()
    card_last4 = serializers.CharField()
    booking_status = serializers.CharField()


def _body(payment: Payment, request: SignedInRequest, reference: str) -> dict[str, Any]:
    booking = booking_selectors.booking_get_for_customer(customer=request.user, reference=reference)
    return {
        "id": str(payment.pk),
        "status": payment.status,
        "amount": str(round_money(payment.amount, payment.currency)),
        "currency": payment.currency,
        "card_last4": payment.card_last4,
        "booking_status": booking.status,
    }


class PaymentView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_payment_read",
        tags=["customer"],
        summary="Read the latest payment of my booking",
        responses=PaymentOutput,
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        payment = selectors.payment_get(customer=request.user, reference=reference)
        return Response(_body(payment, request, reference))

    @extend_schema(
        operation_id="customer_payment_create",
        tags=["customer"],
        summary="Pay my booking",
        description="A booking that is being paid already gives the payment under way: nobody pays twice.",
        request=CardInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(CardInput, request.data)

        def call() -> tuple[int, Any]:
            payment = services.booking_pay(
                customer=request.user, reference=reference, card=Card(**given), now=timezone.now()
            )
            return 201, _body(payment, request, reference)

        return self.answer_once(request, call)


class ChallengeView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_payment_challenge_create",
        tags=["customer"],
        summary="Answer the card holder's check",
        request=ChallengeInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(ChallengeInput, request.data)

        def call() -> tuple[int, Any]:
            payment = services.payment_challenge_answer(
                customer=request.user, reference=reference, code=given["code"], now=timezone.now()
            )
            return 201, _body(payment, request, reference)

        return self.answer_once(request, call)
