"""Customers pay, for a booking or for its move to another launch."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from bookings import selectors as booking_selectors
from common import clock
from common.errors import InvalidInput
from common.money import round_money
from common.web.api import IdempotentView, read_input
from finance import selectors, services
from finance.models import Payment
from finance.services import Card, CardToken, Means

PAYING_TWICE = "What is being paid already gives the payment under way: nobody pays twice."


class CardInput(serializers.Serializer[Any]):
    number = serializers.CharField(
        max_length=30, required=False, help_text="sandbox only: a test card, e.g. 4242 4242 4242 4242"
    )
    expiry = serializers.CharField(max_length=10, required=False, help_text="MM/YY")
    code = serializers.CharField(max_length=6, required=False)
    payment_method = serializers.RegexField(
        r"^pm_[A-Za-z0-9_]{1,80}$",
        required=False,
        help_text="Stripe only: the card as Stripe names it; card numbers never come here",
    )


class ChallengeInput(serializers.Serializer[Any]):
    code = serializers.CharField(
        max_length=20,
        allow_blank=True,
        help_text="what the bank sent; empty where the gateway's own form has asked for it",
    )


class PaymentOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.CharField(
        help_text="succeeded, challenge (answer it, or give the payment up), abandoned, or processing (ask again)"
    )
    amount = serializers.CharField()
    currency = serializers.CharField()
    card_last4 = serializers.CharField()
    booking_status = serializers.CharField()
    client_secret = serializers.CharField(
        help_text="Stripe only, while it is a challenge: for Stripe's own library in the card holder's browser"
    )


def _body(payment: Payment, request: SignedInRequest) -> dict[str, Any]:
    booking = booking_selectors.booking_get_for_customer(customer=request.user, reference=payment.booking.reference)
    return {
        "id": str(payment.pk),
        "status": payment.status,
        "amount": str(round_money(payment.amount, payment.currency)),
        "currency": payment.currency,
        "card_last4": payment.card_last4,
        "booking_status": booking.status,
        "client_secret": services.payment_client_secret(payment=payment),
    }


def means_read(given: dict[str, Any]) -> Means:
    """Read the card, as numbers or as a token. Raises: InvalidInput for both or neither."""
    card = {name: given[name] for name in ("number", "expiry", "code") if name in given}
    token = given.get("payment_method")
    if token and not card:
        return CardToken(token=token)
    if token:
        raise InvalidInput(fields={"payment_method": "Send either a payment_method or a card, not both."})
    missing = {name: "This field is required." for name in ("number", "expiry", "code") if name not in card}
    if missing:
        raise InvalidInput(fields=missing)
    return Card(**card)


class PaymentView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_payment_read",
        tags=["customer"],
        summary="Read the latest payment of my booking",
        responses=PaymentOutput,
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        return Response(_body(selectors.payment_get(customer=request.user, reference=reference), request))

    @extend_schema(
        operation_id="customer_payment_create",
        tags=["customer"],
        summary="Pay my booking",
        description=PAYING_TWICE,
        request=CardInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        means = means_read(read_input(CardInput, request.data))

        def call() -> tuple[int, Any]:
            payment = services.booking_pay(customer=request.user, reference=reference, card=means, now=clock.now())
            return 201, _body(payment, request)

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
                customer=request.user, reference=reference, code=given["code"], now=clock.now()
            )
            return 201, _body(payment, request)

        return self.answer_once(request, call)


class AbandonmentView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_payment_abandonment_create",
        tags=["customer"],
        summary="Give up a payment that waits for the card holder, to use another card",
        description="Money that came in meanwhile counts: then the payment has succeeded.",
        request=None,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        def call() -> tuple[int, Any]:
            payment = services.payment_abandon(customer=request.user, reference=reference, now=clock.now())
            return 201, _body(payment, request)

        return self.answer_once(request, call)


class RebookingPaymentView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_payment_create",
        tags=["customer"],
        summary="Pay the fare difference of my move to another launch",
        description=PAYING_TWICE,
        request=CardInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, rebooking_id: UUID) -> Response:
        means = means_read(read_input(CardInput, request.data))

        def call() -> tuple[int, Any]:
            payment = services.rebooking_pay(
                customer=request.user, rebooking_id=rebooking_id, card=means, now=clock.now()
            )
            return 201, _body(payment, request)

        return self.answer_once(request, call)


class RebookingChallengeView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_payment_challenge_create",
        tags=["customer"],
        summary="Answer the card holder's check of a fare difference",
        request=ChallengeInput,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, rebooking_id: UUID) -> Response:
        given = read_input(ChallengeInput, request.data)

        def call() -> tuple[int, Any]:
            payment = services.rebooking_challenge_answer(
                customer=request.user, rebooking_id=rebooking_id, code=given["code"], now=clock.now()
            )
            return 201, _body(payment, request)

        return self.answer_once(request, call)


class RebookingAbandonmentView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_payment_abandonment_create",
        tags=["customer"],
        summary="Give up the payment of a fare difference, to use another card",
        request=None,
        responses={201: PaymentOutput},
    )
    def post(self, request: SignedInRequest, rebooking_id: UUID) -> Response:
        def call() -> tuple[int, Any]:
            payment = services.rebooking_payment_abandon(
                customer=request.user, rebooking_id=rebooking_id, now=clock.now()
            )
            return 201, _body(payment, request)

        return self.answer_once(request, call)
