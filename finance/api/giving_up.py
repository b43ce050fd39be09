"""A customer gives the seats of an unpaid booking back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from common import clock
from common.web.api import IdempotentView
from finance import services


class ReleaseOutput(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.CharField(help_text="expired")


class ReleaseView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_booking_release_create",
        tags=["customer"],
        summary="Give the seats of an unpaid booking back",
        description="Not while a payment is under way: 409. The booking is then expired; nothing was charged.",
        request=None,
        responses={201: ReleaseOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        def call() -> tuple[int, Any]:
            booking = services.booking_give_up(customer=request.user, reference=reference, now=clock.now())
            return 201, {"reference": booking.reference, "status": booking.status}

        return self.answer_once(request, call)
