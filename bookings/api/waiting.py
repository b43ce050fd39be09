"""Customers: waiting lists and their offers. Suppliers and employees: how long a list is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from bookings import selectors, services
from bookings.api.serializers import BIGINT_MAX, MoneyField, Plain, money_text
from bookings.selectors import WaitingLength, WaitingView
from common import clock
from common.web.api import IdempotentView, read_input


class WaitingInput(Plain):
    launch_id = serializers.IntegerField(min_value=1, max_value=BIGINT_MAX)
    party = serializers.IntegerField(min_value=1, max_value=300, help_text="seats wanted, all or none")


class OfferedSeatsOutput(Plain):
    hold_id = serializers.UUIDField(help_text="name its passengers after accepting, as with any hold")
    seats = serializers.ListField(child=serializers.CharField(), help_text="labels, in passenger order")
    price_amount = MoneyField(help_text="a seat")
    price_currency = serializers.CharField()
    expires_at = serializers.DateTimeField(help_text="accepted, named and paid by then")


class WaitingOutput(Plain):
    id = serializers.IntegerField()
    launch_id = serializers.IntegerField()
    launch_slug = serializers.CharField()
    launch_title = serializers.CharField()
    party = serializers.IntegerField()
    status = serializers.CharField(help_text="waiting, offered, accepted, declined, lapsed, left or closed")
    position = serializers.IntegerField(allow_null=True, help_text="parties before it; null when it does not wait")
    joined_at = serializers.DateTimeField()
    offer = OfferedSeatsOutput(allow_null=True)


class WaitingListOutput(Plain):
    results = WaitingOutput(many=True)


class WaitingLengthOutput(Plain):
    parties = serializers.IntegerField()
    seats = serializers.IntegerField(help_text="wanted by all of them")
    offered = serializers.IntegerField(help_text="parties with an offer that is not answered")


def waiting_body(view: WaitingView) -> dict[str, Any]:
    """Describe an entry."""
    entry, hold = view.entry, view.entry.hold
    offer = None
    if hold is not None and view.seats:
        offer = {
            "hold_id": hold.pk,
            "seats": list(view.seats),
            "price_amount": money_text(hold.price_amount, hold.price_currency),
            "price_currency": hold.price_currency,
            "expires_at": hold.expires_at,
        }
    return {
        "id": entry.pk,
        "launch_id": entry.launch_id,
        "launch_slug": entry.launch.slug,
        "launch_title": entry.launch.title,
        "party": entry.party,
        "status": view.status.value,
        "position": view.position,
        "joined_at": entry.joined_at,
        "offer": offer,
    }


def _length_body(length: WaitingLength) -> dict[str, int]:
    return {"parties": length.parties, "seats": length.seats, "offered": length.offered}


def _read(request: SignedInRequest, entry_id: int) -> dict[str, Any]:
    return waiting_body(selectors.waiting_get(customer=request.user, entry_id=entry_id, now=clock.now()))


class WaitingListView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_waiting_list",
        tags=["customer"],
        summary="List my places in waiting lists, the oldest first",
        description="Those that wait or have an offer.",
        responses=WaitingListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        views = selectors.waiting_list_for_customer(customer=request.user, now=clock.now())
        return Response({"results": [waiting_body(view) for view in views]})

    @extend_schema(
        operation_id="customer_waiting_create",
        tags=["customer"],
        summary="Join a waiting list",
        description="Refused when so many seats are free: hold them instead.",
        request=WaitingInput,
        responses={201: WaitingOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = read_input(WaitingInput, request.data)

        def call() -> tuple[int, Any]:
            entry = services.waiting_join(customer=request.user, now=clock.now(), **given)
            return 201, _read(request, entry.pk)

        return self.answer_once(request, call)


class WaitingEntryView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_waiting_read",
        tags=["customer"],
        summary="Read my place in a waiting list",
        responses=WaitingOutput,
    )
    def get(self, request: SignedInRequest, entry_id: int) -> Response:
        return Response(_read(request, entry_id))

    @extend_schema(
        operation_id="customer_waiting_leave",
        tags=["customer"],
        summary="Leave a waiting list",
        description="Seats that are offered are declined.",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, entry_id: int) -> Response:
        services.waiting_leave(customer=request.user, entry_id=entry_id, now=clock.now())
        return Response(status=204)


class OfferAcceptView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_waiting_accept",
        tags=["customer"],
        summary="Accept the offered seats",
        description="Their hold keeps its end: name the passengers and pay before that.",
        request=None,
        responses={200: WaitingOutput},
    )
    def post(self, request: SignedInRequest, entry_id: int) -> Response:
        def call() -> tuple[int, Any]:
            services.offer_accept(customer=request.user, entry_id=entry_id, now=clock.now())
            return 200, _read(request, entry_id)

        return self.answer_once(request, call)


class OfferDeclineView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_waiting_decline",
        tags=["customer"],
        summary="Decline the offered seats",
        description="They go to the next who waits.",
        request=None,
        responses={200: WaitingOutput},
    )
    def post(self, request: SignedInRequest, entry_id: int) -> Response:
        def call() -> tuple[int, Any]:
            services.offer_decline(customer=request.user, entry_id=entry_id, now=clock.now())
            return 200, _read(request, entry_id)

        return self.answer_once(request, call)


class SupplierWaitingView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_waiting_read",
        tags=["supplier"],
        summary="How long is the waiting list of my launch?",
        responses=WaitingLengthOutput,
    )
    def get(self, request: SignedInRequest, launch_id: int) -> Response:
        length = selectors.waiting_length_for_supplier(actor=request.user, launch_id=launch_id)
        return Response(_length_body(length))


class EmployeeWaitingView(APIView):
    permission_classes = (IsEmployee,)

    @extend_schema(
        operation_id="employee_waiting_read",
        tags=["employee"],
        summary="How long is the waiting list of a launch?",
        responses=WaitingLengthOutput,
    )
    def get(self, request: SignedInRequest, launch_id: int) -> Response:
        length = selectors.waiting_length_for_employee(actor=request.user, launch_id=launch_id)
        return Response(_length_body(length))
