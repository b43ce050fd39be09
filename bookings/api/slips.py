"""Customers answer slips; suppliers look ahead at a delay."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsSupplierMember
from bookings import selectors, services
from bookings.api import serializers as s
from bookings.models import SlipDecision
from bookings.selectors import DelayPreview
from common import clock
from common.web.api import IdempotentView, read_input
from launches import selectors as launch_selectors


# --- out -----------------------------------------------------------
class SlipOutput(s.Plain):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.CharField(help_text="open, kept, moved, refunded, lapsed or overtaken")
    launch_id = serializers.IntegerField()
    launch = serializers.CharField()
    departure_text = serializers.CharField(help_text="as it is now")
    deadline_at = serializers.DateTimeField(help_text="without an answer the booking is kept")
    refund_amount = s.MoneyField(help_text="comes back to who leaves")
    currency = serializers.CharField()


class SlipListOutput(s.Plain):
    results = SlipOutput(many=True)


class AmountOutput(s.Plain):
    amount = s.MoneyField()
    currency = serializers.CharField()


class LaunchElsewhereOutput(s.Plain):
    launch_id = serializers.IntegerField()
    launch = serializers.CharField()
    departure_text = serializers.CharField()
    seats_left = serializers.IntegerField()


class DelayPreviewOutput(s.Plain):
    slip_days = serializers.IntegerField(help_text="calendar days at the spaceport")
    asks = serializers.BooleanField(help_text="whether every booking is asked: keep, move or leave")
    deadline_at = serializers.DateTimeField(allow_null=True, help_text="of the answers, if it were announced now")
    bookings = serializers.IntegerField()
    passengers = serializers.IntegerField()
    pending = serializers.IntegerField(help_text="bookings that are being paid")
    refundable = AmountOutput(many=True, required=False, help_text="if everybody leaves; for owners and finance")
    elsewhere = LaunchElsewhereOutput(many=True)
    seats_elsewhere = serializers.IntegerField()
    too_old_or_young = serializers.IntegerField(help_text="passengers who could not fly on the new date any more")


# --- in ------------------------------------------------------------
class SlipAnswerInput(s.Plain):
    answer = serializers.ChoiceField(choices=["keep", "refund"], help_text="to move, open a rebooking")


class DelayPreviewInput(s.Plain):
    departure_at = serializers.DateTimeField()


# --- views ---------------------------------------------------------
class SlipListView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_slip_list",
        tags=["customer"],
        summary="List the delays that I am asked about, the most urgent first",
        responses=SlipListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        found = selectors.slip_list_open(customer=request.user, now=clock.now())
        return Response({"results": [slip_body(one) for one in found]})


class SlipAnswerView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_slip_answer_create",
        tags=["customer"],
        summary="Keep my booking, or leave with everything back",
        request=SlipAnswerInput,
        responses={201: SlipOutput},
    )
    def post(self, request: SignedInRequest, decision_id: Any) -> Response:
        selectors.slip_get(customer=request.user, decision_id=decision_id)
        given = read_input(SlipAnswerInput, request.data)

        def call() -> tuple[int, Any]:
            services.slip_answer(decision_id=decision_id, answer=given["answer"], now=clock.now(), actor=request.user)
            return 201, slip_body(selectors.slip_get(customer=request.user, decision_id=decision_id))

        return self.answer_once(request, call)


class DelayPreviewView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_launch_delay_preview",
        tags=["supplier"],
        summary="See what a delay would do, before it is announced",
        description="People, money that may go back, free seats elsewhere. Changes nothing.",
        request=DelayPreviewInput,
        responses=DelayPreviewOutput,
    )
    def post(self, request: SignedInRequest, launch_id: int) -> Response:
        launch_selectors.launch_get_for_supplier(actor=request.user, launch_id=launch_id)
        given = read_input(DelayPreviewInput, request.data)
        preview = selectors.delay_preview(actor=request.user, launch_id=launch_id, now=clock.now(), **given)
        body = preview_body(preview)
        if not launch_selectors.may_see_money(actor=request.user):
            del body["refundable"]
        return Response(body)


# --- builders ------------------------------------------------------
def slip_body(decision: SlipDecision) -> dict[str, Any]:
    """Say a question about a delay."""
    return {
        "id": str(decision.pk),
        "reference": decision.booking.reference,
        "status": decision.status,
        "launch_id": decision.launch_id,
        "launch": decision.launch.title,
        "departure_text": decision.launch.departure_text,
        "deadline_at": decision.deadline_at,
        "refund_amount": s.money_text(selectors.slip_amount(decision), decision.booking.price_currency),
        "currency": decision.booking.price_currency,
    }


def preview_body(preview: DelayPreview) -> dict[str, Any]:
    """Say what a delay would do."""
    return {
        "slip_days": preview.days,
        "asks": preview.asks,
        "deadline_at": preview.deadline_at,
        "bookings": preview.bookings,
        "passengers": preview.passengers,
        "pending": preview.pending,
        "refundable": [
            {"amount": s.money_text(amount, currency), "currency": currency}
            for currency, amount in preview.refundable.items()
        ],
        "elsewhere": [
            {
                "launch_id": entry.launch.pk,
                "launch": entry.launch.title,
                "departure_text": entry.launch.departure_text,
                "seats_left": entry.seats_left,
            }
            for entry in preview.elsewhere
        ],
        "seats_elsewhere": preview.seats_elsewhere,
        "too_old_or_young": preview.too_old_or_young,
    }
