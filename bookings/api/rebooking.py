"""Customers move bookings to other launches."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from bookings import selectors, services
from bookings.api import serializers as s
from bookings.enums import RebookingStatus
from bookings.models import Rebooking
from bookings.selectors import RebookingOption
from common import clock
from common.web.api import IdempotentView, read_input


# --- out ------------------------------------------------------------
class RebookingOptionOutput(s.Plain):
    launch = s.OfferOutput()
    list_price_amount = s.MoneyField(help_text="of as many seats on this launch")
    to_pay_amount = s.MoneyField(help_text="on top, before the booking moves")
    refund_amount = s.MoneyField(help_text="comes back when the booking has moved")
    currency = serializers.CharField()
    problems = serializers.ListField(child=serializers.CharField(), help_text="why it is not possible after all")


class RebookingOptionListOutput(s.Plain):
    refusal = serializers.CharField(help_text="why the booking cannot be moved at all; '' when it can")
    is_slip = serializers.BooleanField(help_text="a question about a slip is open: the whole difference comes back")
    latest_day = serializers.DateField(help_text="of moving of one's own will, at the spaceport")
    refund_percent = serializers.IntegerField(help_text="of what a cheaper launch costs less")
    results = RebookingOptionOutput(many=True)


class RebookingOutput(s.Plain):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.CharField(help_text="open, done, expired or given_up")
    from_launch_id = serializers.IntegerField()
    to_launch_id = serializers.IntegerField()
    to_launch = serializers.CharField()
    departure_text = serializers.CharField(help_text="of the new launch")
    seats = serializers.ListField(child=serializers.CharField(), help_text="on the new launch")
    old_price_amount = s.MoneyField()
    new_price_amount = s.MoneyField(help_text="what the seats cost in the end")
    to_pay_amount = s.MoneyField()
    refund_amount = s.MoneyField()
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(help_text="until then the new seats are held")


# --- in -------------------------------------------------------------
class RebookingInput(s.Plain):
    launch_id = serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX)
    seat_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX),
        required=False,
        max_length=20,
        help_text="one for each passenger; without it the best free ones",
    )


# --- views ----------------------------------------------------------
class RebookingListView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_option_list",
        tags=["customer"],
        summary="List the launches that my booking could move to",
        description="Those of the same supplier and destination with seats for all its passengers, the next first.",
        responses=RebookingOptionListOutput,
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        now = clock.now()
        ground = selectors.rebooking_ground(customer=request.user, reference=reference, now=now)
        options = selectors.rebooking_options(ground=ground, now=now)
        return Response(
            {
                "refusal": ground.refusal,
                "is_slip": ground.slip is not None,
                "latest_day": ground.latest_day,
                "refund_percent": ground.refund_percent,
                "results": [option_body(option, ground.currency) for option in options],
            }
        )

    @extend_schema(
        operation_id="customer_rebooking_create",
        tags=["customer"],
        summary="Hold seats on another launch for my booking",
        description="Says what is to be paid or comes back. An earlier open move of the booking is given up.",
        request=RebookingInput,
        responses={201: RebookingOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(RebookingInput, request.data)

        def call() -> tuple[int, Any]:
            move = services.rebooking_open(customer=request.user, reference=reference, now=clock.now(), **given)
            return 201, _rebooking(request, move.pk)

        return self.answer_once(request, call)


class RebookingView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_read", tags=["customer"], summary="Read a move", responses=RebookingOutput
    )
    def get(self, request: SignedInRequest, rebooking_id: Any) -> Response:
        return Response(_rebooking(request, rebooking_id))

    @extend_schema(
        operation_id="customer_rebooking_give_up",
        tags=["customer"],
        summary="Give a move up: the booking stays where it is",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, rebooking_id: Any) -> Response:
        services.rebooking_give_up(customer=request.user, rebooking_id=rebooking_id, now=clock.now())
        return Response(status=204)


class RebookingConfirmationView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_rebooking_confirmation_create",
        tags=["customer"],
        summary="Move the booking, when nothing is to be paid on top",
        description="When something is, pay the move instead; the booking moves with the payment.",
        request=None,
        responses={201: RebookingOutput},
    )
    def post(self, request: SignedInRequest, rebooking_id: Any) -> Response:
        def call() -> tuple[int, Any]:
            services.rebooking_confirm(customer=request.user, rebooking_id=rebooking_id, now=clock.now())
            return 201, _rebooking(request, rebooking_id)

        return self.answer_once(request, call)


# --- builders -------------------------------------------------------
def option_body(option: RebookingOption, currency: str) -> dict[str, Any]:
    """Say a launch that a booking could move to."""
    return {
        "launch": s.offer_body(option.entry),
        "list_price_amount": s.money_text(option.list_price, currency),
        "to_pay_amount": s.money_text(option.to_pay, currency),
        "refund_amount": s.money_text(option.comes_back, currency),
        "currency": currency,
        "problems": option.problems,
    }


def _rebooking(request: SignedInRequest, rebooking_id: Any) -> dict[str, Any]:
    return rebooking_body(selectors.rebooking_get(customer=request.user, rebooking_id=rebooking_id))


def rebooking_body(move: Rebooking) -> dict[str, Any]:
    """Say a move."""
    difference = move.new_price_amount - move.old_price_amount
    is_over = move.status == RebookingStatus.OPEN and move.hold.expires_at <= clock.now()
    return {
        "id": str(move.pk),
        "reference": move.booking.reference,
        "status": RebookingStatus.EXPIRED if is_over else move.status,
        "from_launch_id": move.from_launch_id,
        "to_launch_id": move.to_launch_id,
        "to_launch": move.to_launch.title,
        "departure_text": move.to_launch.departure_text,
        "seats": selectors.rebooking_seats(move),
        "old_price_amount": s.money_text(move.old_price_amount, move.currency),
        "new_price_amount": s.money_text(move.new_price_amount, move.currency),
        "to_pay_amount": s.money_text(max(difference, Decimal(0)), move.currency),
        "refund_amount": s.money_text(max(-difference, Decimal(0)), move.currency),
        "currency": move.currency,
        "expires_at": move.hold.expires_at,
    }
