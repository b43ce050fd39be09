"""Customers: launches, holds, bookings, cancellations. Suppliers and employees: bookings."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from bookings import selectors, services
from bookings.api import serializers as s
from bookings.services import PassengerInput
from common import clock
from common.errors import NotFound
from common.web.api import IdempotentView, read_input, read_limit
from launches import selectors as launch_selectors

CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page")


class CatalogueInput(s.Plain):
    text = serializers.CharField(max_length=100, required=False, allow_blank=True)
    destination = serializers.CharField(max_length=40, required=False, allow_blank=True)
    spaceport = serializers.CharField(max_length=40, required=False, allow_blank=True)
    supplier = serializers.CharField(max_length=80, required=False, allow_blank=True)
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    price_max = serializers.DecimalField(max_digits=14, decimal_places=3, min_value=0, required=False)
    seats = serializers.IntegerField(min_value=0, max_value=100, required=False)
    sort = serializers.ChoiceField(choices=sorted(launch_selectors.SORTS), required=False)


class LaunchListView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="customer_launch_list",
        tags=["customer"],
        summary="List launches on sale",
        parameters=[CatalogueInput, CURSOR, LIMIT],
        responses=s.OfferListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        given = read_input(CatalogueInput, request.query_params.dict())
        seats, sort = given.pop("seats", 0), given.pop("sort", "departure")
        page = selectors.offer_list(
            filters=launch_selectors.CatalogueFilters(**given),
            now=clock.now(),
            seats=seats,
            sort=sort,
            cursor=request.query_params.get("cursor", ""),
            limit=read_limit(request),
        )
        results = [s.offer_body(entry) for entry in page.entries]
        return Response({"results": results, "next_cursor": page.next_cursor})


class LaunchView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="customer_launch_read",
        tags=["customer"],
        summary="Read a launch and its seats",
        responses=s.OfferDetailOutput,
    )
    def get(self, request: SignedInRequest, launch_id: int) -> Response:
        now = clock.now()
        entry = selectors.offer_get(launch_id=launch_id, now=now)
        if entry is None:
            raise NotFound("There is no such launch.")
        seats = selectors.seat_map(launch_id=launch_id, now=now, viewer=request.user)
        body = {**s.offer_body(entry), "description": entry.launch.description}
        return Response({**body, "seats": [s.seat_body(seat) for seat in seats]})


class HoldListView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_hold_create",
        tags=["customer"],
        summary="Hold seats",
        description="All of them or none, until `expires_at`. A new hold on the same launch replaces the open one.",
        request=s.HoldInput,
        responses={201: s.HoldOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = read_input(s.HoldInput, request.data)

        def call() -> tuple[int, Any]:
            hold = services.seats_hold(customer=request.user, now=clock.now(), **given)
            return 201, s.hold_body(selectors.hold_get(customer=request.user, hold_id=hold.pk))

        return self.answer_once(request, call)


class HoldView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(operation_id="customer_hold_read", tags=["customer"], summary="Read a hold", responses=s.HoldOutput)
    def get(self, request: SignedInRequest, hold_id: Any) -> Response:
        return Response(s.hold_body(selectors.hold_get(customer=request.user, hold_id=hold_id)))

    @extend_schema(
        operation_id="customer_hold_release", tags=["customer"], summary="Give held seats back", responses={204: None}
    )
    def delete(self, request: SignedInRequest, hold_id: Any) -> Response:
        services.hold_release(customer=request.user, hold_id=hold_id)
        return Response(status=204)


class BookingListView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_booking_list",
        tags=["customer"],
        summary="List my bookings, the latest first",
        parameters=[CURSOR, LIMIT],
        responses=s.BookingListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        page = selectors.booking_list_for_customer(
            customer=request.user, cursor=request.query_params.get("cursor", ""), limit=read_limit(request)
        )
        return Response({"results": [s.booking_body(row) for row in page.rows], "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="customer_booking_create",
        tags=["customer"],
        summary="Name the passengers of held seats",
        description="The booking then waits for payment until the hold ends. Again for the same hold: corrects them.",
        request=s.BookingInput,
        responses={201: s.BookingOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = read_input(s.BookingInput, request.data)
        passengers = [PassengerInput(**one) for one in given["passengers"]]

        def call() -> tuple[int, Any]:
            made = services.booking_create(
                customer=request.user, hold_id=given["hold_id"], passengers=passengers, now=clock.now()
            )
            booking = selectors.booking_get_for_customer(customer=request.user, reference=made.reference)
            return 201, s.booking_body(booking)

        return self.answer_once(request, call)


class BookingView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_booking_read", tags=["customer"], summary="Read my booking", responses=s.BookingOutput
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        booking = selectors.booking_get_for_customer(customer=request.user, reference=reference)
        return Response(s.booking_body(booking))


class QuoteListView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_cancellation_quote_create",
        tags=["customer"],
        summary="Ask what a cancellation would give back",
        description="For everybody, or for `passenger_ids` only. The amount is promised until `expires_at`.",
        request=s.QuoteInput,
        responses={201: s.QuoteOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(s.QuoteInput, request.data)
        quote = services.cancellation_quote(customer=request.user, reference=reference, now=clock.now(), **given)
        return Response(s.quote_body(quote), status=201)


class CancellationView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_cancellation_create",
        tags=["customer"],
        summary="Cancel what a quote named",
        description="Refunds exactly what the quote promised.",
        request=s.CancellationInput,
        responses={201: s.BookingOutput},
    )
    def post(self, request: SignedInRequest, reference: str) -> Response:
        given = read_input(s.CancellationInput, request.data)

        def call() -> tuple[int, Any]:
            services.booking_cancel(
                customer=request.user, reference=reference, quote_id=given["quote_id"], now=clock.now()
            )
            booking = selectors.booking_get_for_customer(customer=request.user, reference=reference)
            return 201, s.booking_body(booking)

        return self.answer_once(request, call)


class SupplierBookingListView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_booking_list",
        tags=["supplier"],
        summary="List the paid bookings on my launch",
        parameters=[CURSOR, LIMIT],
        responses=s.SupplierBookingListOutput,
    )
    def get(self, request: SignedInRequest, launch_id: int) -> Response:
        launch_selectors.launch_get_for_supplier(actor=request.user, launch_id=launch_id)
        desk = launch_selectors.desk_get(actor=request.user)
        page = selectors.booking_list_for_supplier(
            actor=request.user,
            launch_id=launch_id,
            cursor=request.query_params.get("cursor", ""),
            limit=read_limit(request),
        )
        results = [
            s.booking_body_for_supplier(row, shows_money=desk.may_see_money, shows_passengers=desk.may_see_manifest)
            for row in page.rows
        ]
        return Response({"results": results, "next_cursor": page.next_cursor})


class EmployeeBookingFilters(s.Plain):
    text = serializers.CharField(max_length=100, required=False, allow_blank=True)
    status = serializers.ChoiceField(
        choices=["pending", "confirmed", "cancelled", "completed", "expired"], required=False
    )
    launch_id = serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX, required=False)


class EmployeeBookingListView(APIView):
    permission_classes = (IsEmployee,)

    @extend_schema(
        operation_id="employee_booking_list",
        tags=["employee"],
        summary="List all bookings, the latest first",
        parameters=[EmployeeBookingFilters, CURSOR, LIMIT],
        responses=s.BookingListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        given = read_input(EmployeeBookingFilters, request.query_params.dict())
        page = selectors.booking_list_for_employee(
            actor=request.user,
            filters=selectors.BookingFilters(**given),
            cursor=request.query_params.get("cursor", ""),
            limit=read_limit(request),
        )
        return Response({"results": [s.booking_body(row) for row in page.rows], "next_cursor": page.next_cursor})


class EmployeeBookingView(APIView):
    permission_classes = (IsEmployee,)

    @extend_schema(
        operation_id="employee_booking_read", tags=["employee"], summary="Read any booking", responses=s.BookingOutput
    )
    def get(self, request: SignedInRequest, reference: str) -> Response:
        return Response(s.booking_body(selectors.booking_get_for_employee(actor=request.user, reference=reference)))
