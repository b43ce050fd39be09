"""Suppliers change which seats of a published launch are on sale."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsSupplierMember
from bookings import selectors, services
from bookings.api import serializers as s
from common import clock
from common.web.api import IdempotentView, read_input
from launches import selectors as launch_selectors


class SeatListOutput(s.Plain):
    on_sale = serializers.IntegerField(help_text="not withdrawn; sold and held ones count")
    withdrawn = serializers.IntegerField()
    seats = s.SeatOutput(many=True)


class SeatsInput(s.Plain):
    seat_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX), allow_empty=False, max_length=300
    )


class SeatsOnSaleInput(s.Plain):
    count = serializers.IntegerField(min_value=1, max_value=300)


class _SeatsView(IdempotentView):
    permission_classes = (IsSupplierMember,)

    def change(
        self, request: SignedInRequest, launch_id: int, service: Callable[..., Any], given: dict[str, Any]
    ) -> Response:
        """Change seats and answer with all of them."""

        def call() -> tuple[int, Any]:
            service(actor=request.user, launch_id=launch_id, now=clock.now(), **given)
            return 201, _body(launch_id)

        return self.answer_once(request, call)


class SeatListView(_SeatsView):
    @extend_schema(
        operation_id="supplier_launch_seats_read",
        tags=["supplier"],
        summary="List the seats of my launch, withdrawn ones too",
        responses=SeatListOutput,
    )
    def get(self, request: SignedInRequest, launch_id: int) -> Response:
        launch_selectors.launch_get_for_supplier(actor=request.user, launch_id=launch_id)
        return Response(_body(launch_id))


class WithdrawalView(_SeatsView):
    @extend_schema(
        operation_id="supplier_launch_seats_withdraw",
        tags=["supplier"],
        summary="Take free seats off sale, all of them or none",
        description="409 names the seats that are sold, or held by customers just now.",
        request=SeatsInput,
        responses={201: SeatListOutput},
    )
    def post(self, request: SignedInRequest, launch_id: int) -> Response:
        return self.change(request, launch_id, services.seats_withdraw, read_input(SeatsInput, request.data))


class ReturnView(_SeatsView):
    @extend_schema(
        operation_id="supplier_launch_seats_return",
        tags=["supplier"],
        summary="Put withdrawn seats back on sale",
        request=SeatsInput,
        responses={201: SeatListOutput},
    )
    def post(self, request: SignedInRequest, launch_id: int) -> Response:
        return self.change(request, launch_id, services.seats_return, read_input(SeatsInput, request.data))


class SeatsOnSaleView(_SeatsView):
    @extend_schema(
        operation_id="supplier_launch_seats_on_sale_create",
        tags=["supplier"],
        summary="Have exactly so many seats on sale",
        description="Never fewer than are sold or held, never more than the cabin has.",
        request=SeatsOnSaleInput,
        responses={201: SeatListOutput},
    )
    def post(self, request: SignedInRequest, launch_id: int) -> Response:
        given = read_input(SeatsOnSaleInput, request.data)
        return self.change(request, launch_id, services.seats_on_sale_change, given)


def _body(launch_id: int) -> dict[str, Any]:
    seats = selectors.seat_map(launch_id=launch_id, now=clock.now())
    withdrawn = sum(seat.state == "blocked" for seat in seats)
    return {
        "on_sale": len(seats) - withdrawn,
        "withdrawn": withdrawn,
        "seats": [s.seat_body(seat) for seat in seats],
    }
