"""Customers: their trips, as their pages show them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from bookings import selectors
from bookings.api import serializers as s
from common.dates import departure_text
from common.web.api import read_limit
from documents.records import TripRecord

CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page")


class TripPassengerOutput(s.Plain):
    full_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    birth_date = serializers.DateField()


class TripSeatOutput(s.Plain):
    seat = serializers.CharField()
    price_amount = s.MoneyField()
    is_cancelled = serializers.BooleanField()
    passenger = TripPassengerOutput(allow_null=True)


class TripPolicyTierOutput(s.Plain):
    months_before = serializers.IntegerField(help_text="cancelled at least so many calendar months before departure")
    refund_percent = serializers.IntegerField()


class TripOutput(s.Plain):
    reference = serializers.CharField()
    status = serializers.CharField(help_text="confirmed, cancelled or completed")
    launch_id = serializers.IntegerField()
    launch = serializers.CharField()
    launch_status = serializers.CharField()
    supplier = serializers.CharField()
    rocket = serializers.CharField()
    destination = serializers.CharField()
    spaceport = serializers.CharField()
    time_zone = serializers.CharField()
    departure_at = serializers.DateTimeField(help_text="UTC; a placeholder beyond `departure_precision`")
    departure_precision = serializers.CharField()
    departure_text = serializers.CharField(help_text="as exactly as is honest, at the spaceport")
    currency = serializers.CharField()
    total_amount = s.MoneyField()
    paid_amount = s.MoneyField()
    refunded_amount = s.MoneyField()
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    seats = TripSeatOutput(many=True)
    policy = TripPolicyTierOutput(many=True)


class TripListOutput(s.Plain):
    results = TripOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class TripListView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_trip_list",
        tags=["customer"],
        summary="List my trips, the latest booked first",
        description="Bookings that were paid, with what their pages show. Those still being paid are under bookings.",
        parameters=[CURSOR, LIMIT],
        responses=TripListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        found = selectors.trip_list(
            customer=request.user, cursor=request.query_params.get("cursor", ""), limit=read_limit(request)
        )
        return Response({"results": [trip_body(trip) for trip in found.trips], "next_cursor": found.next_cursor})


class TripView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(operation_id="customer_trip_read", tags=["customer"], summary="Read my trip", responses=TripOutput)
    def get(self, request: SignedInRequest, reference: str) -> Response:
        return Response(trip_body(selectors.trip_get(customer=request.user, reference=reference)))


def trip_body(trip: TripRecord) -> dict[str, Any]:
    """Say a trip."""

    def money(amount: Any) -> str:
        return s.money_text(amount, trip.currency)

    return {
        "reference": trip.reference,
        "status": trip.status,
        "launch_id": trip.launch_id,
        "launch": trip.launch_title,
        "launch_status": trip.launch_status,
        "supplier": trip.supplier_name,
        "rocket": trip.rocket_name,
        "destination": trip.destination_name,
        "spaceport": trip.spaceport_name,
        "time_zone": trip.spaceport_time_zone,
        "departure_at": trip.departure_at,
        "departure_precision": trip.departure_precision,
        "departure_text": departure_text(trip.departure_at, trip.departure_precision, trip.spaceport_time_zone),
        "currency": trip.currency,
        "total_amount": money(trip.total_amount),
        "paid_amount": money(trip.paid_amount),
        "refunded_amount": money(trip.refunded_amount),
        "created_at": trip.created_at,
        "confirmed_at": trip.confirmed_at,
        "cancelled_at": trip.cancelled_at,
        "seats": [
            {
                "seat": seat.label,
                "price_amount": money(seat.price_amount),
                "is_cancelled": seat.status == "cancelled",
                "passenger": seat.passenger
                and {
                    "full_name": seat.passenger.full_name,
                    "email": seat.passenger.email,
                    "phone": seat.passenger.phone,
                    "birth_date": seat.passenger.birth_date,
                },
            }
            for seat in trip.seats
        ],
        "policy": [
            {"months_before": tier.months_before, "refund_percent": tier.refund_percent} for tier in trip.policy
        ],
    }
