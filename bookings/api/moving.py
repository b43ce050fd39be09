"""Customers move bookings to other launches and answer slips; suppliers look ahead at a delay."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsSupplierMember
from bookings import selectors, services
from bookings.api import serializers as s
from bookings.enums import RebookingStatus
from bookings.models import Rebooking, SlipDecision
from bookings.selectors import DelayPreview, RebookingOption
from common import clock
from common.money import round_money
from common.web.api import IdempotentView, read_input
from launches import selectors as launch_selectors


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


# --- in -------------------------------------------------------------
class RebookingInput(s.Plain):
    launch_id = serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX)
    seat_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX),
        required=False,
        max_length=20,
        help_text="one for each passenger; without it the best free ones",
    )


class SlipAnswerInput(s.Plain):
    answer = serializers.ChoiceField(choices=["keep", "refund"], help_text="to move, open a rebooking")


class DelayPreviewInput(s.Plain):
    departure_at = serializers.DateTimeField()


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


# --- builders -------------------------------------------------------
def option_body(option: RebookingOption, currency: str) -> dict[str, Any]:
    """Say a launch that a booking could move to."""
    return {
        "launch": s.offer_body(option.entry),
        "list_price_amount": _money(option.list_price, currency),
        "to_pay_amount": _money(option.to_pay, currency),
        "refund_amount": _money(option.comes_back, currency),
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
        "old_price_amount": _money(move.old_price_amount, move.currency),
        "new_price_amount": _money(move.new_price_amount, move.currency),
        "to_pay_amount": _money(max(difference, Decimal(0)), move.currency),
        "refund_amount": _money(max(-difference, Decimal(0)), move.currency),
        "currency": move.currency,
        "expires_at": move.hold.expires_at,
    }


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
        "refund_amount": _money(selectors.slip_amount(decision), decision.booking.price_currency),
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
            {"amount": _money(amount, currency), "currency": currency}
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


def _money(amount: Any, currency: str) -> str:
    return str(round_money(amount, currency))
