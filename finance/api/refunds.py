"""Employees look after refunds."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsEmployee
from accounts.enums import EmployeeRole
from common.idempotency import Attempt
from common.money import round_money
from common.web.api import IdempotentView, read_input
from finance import selectors, services
from finance.models import Refund

IsRefundDesk = IsEmployee.of(EmployeeRole.FINANCE)
IsGoodwillDesk = IsEmployee.of(EmployeeRole.FINANCE, EmployeeRole.SUPPORT)


class RefundOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="of the booking")
    amount = serializers.CharField()
    currency = serializers.CharField()
    cause = serializers.CharField(help_text="customer, supplier, platform or goodwill")
    status = serializers.CharField(help_text="requested, succeeded or failed")
    attempts = serializers.IntegerField(help_text="how often the gateway refused it")
    latest_error = serializers.CharField()
    created_at = serializers.DateTimeField()
    gateway_reference = serializers.CharField()


class RefundListOutput(serializers.Serializer[Any]):
    results = RefundOutput(many=True)


class PaidByHandInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=60, help_text="how it was paid, e.g. the bank transfer's number")


class GoodwillInput(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=14, decimal_places=3, min_value=0, help_text="in its currency")
    reason = serializers.CharField(max_length=200, help_text="stands on the credit note")


def _body(refund: Refund) -> dict[str, Any]:
    return {
        "id": str(refund.pk),
        "reference": refund.booking.reference,
        "amount": str(round_money(refund.amount, refund.currency)),
        "currency": refund.currency,
        "cause": refund.cause,
        "status": refund.status,
        "attempts": refund.attempts,
        "latest_error": refund.latest_error,
        "created_at": refund.created_at,
        "gateway_reference": refund.gateway_reference,
    }


class RefundListView(APIView):
    permission_classes = (IsRefundDesk,)

    @extend_schema(
        operation_id="employee_refund_list",
        tags=["employee"],
        summary="List the refunds that need a person",
        description="Those that failed, and those that wait for the gateway for more than an hour; the oldest first.",
        responses=RefundListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        refunds = selectors.refunds_failing(actor=request.user, now=timezone.now())
        return Response({"results": [_body(refund) for refund in refunds]})


class RefundRetryView(IdempotentView):
    permission_classes = (IsRefundDesk,)

    @extend_schema(
        operation_id="employee_refund_retry_create",
        tags=["employee"],
        summary="Try a refund again now",
        request=None,
        responses={201: RefundOutput},
    )
    def post(self, request: SignedInRequest, refund_id: UUID) -> Response:
        def call() -> tuple[int, Any]:
            return 201, _body(services.refund_retry(actor=request.user, refund_id=refund_id, now=timezone.now()))

        return self.answer_once(request, call)


class RefundPaidByHandView(IdempotentView):
    permission_classes = (IsRefundDesk,)

    @extend_schema(
        operation_id="employee_refund_paid_by_hand_create",
        tags=["employee"],
        summary="Record that a failed refund was paid outside the gateway",
        request=PaidByHandInput,
        responses={201: RefundOutput},
    )
    def post(self, request: SignedInRequest, refund_id: UUID) -> Response:
        given = read_input(PaidByHandInput, request.data)

        def call() -> tuple[int, Any]:
            refund = services.refund_paid_by_hand(
                actor=request.user, refund_id=refund_id, note=given["note"], now=timezone.now()
            )
            return 201, _body(refund)

        return self.answer_once(request, call)


class GoodwillView(IdempotentView):
    permission_classes = (IsGoodwillDesk,)

    @extend_schema(
        operation_id="employee_goodwill_refund_create",
        tags=["employee"],
        summary="Give money back as goodwill",
        description="At most what is left of the booking's payments. The booking and its seats stay.",
        request=GoodwillInput,
        responses={201: RefundListOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(GoodwillInput, request.data)

        def call(attempt: Attempt) -> tuple[int, Any]:
            refunds = services.refund_goodwill(
                actor=request.user, reference=reference, now=timezone.now(), key=attempt.id.hex, **given
            )
            return 201, {"results": [_body(refund) for refund in refunds]}

        return self.answer_attempt(request, call)
