"""Customers extend holds, correct and replace passengers, change seats; support does it for them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee
from accounts.enums import EmployeeRole
from bookings import selectors, services
from bookings.api import serializers as s
from common import clock
from common.errors import InvalidInput
from common.web.api import IdempotentView, read_input


class CorrectionInput(s.Plain):
    full_name = serializers.CharField(max_length=120, required=False)
    email = serializers.CharField(max_length=254, required=False)
    phone = serializers.CharField(max_length=40, required=False, help_text="with country code")
    birth_date = serializers.DateField(required=False)


class SeatChangeInput(s.Plain):
    seat_id = serializers.IntegerField(min_value=1, max_value=s.BIGINT_MAX)


class ExtensionView(IdempotentView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_hold_extension_create",
        tags=["customer"],
        summary="Keep held seats some minutes longer, once",
        description="Counted from the hold's present end, also while the booking is being paid.",
        request=None,
        responses={201: s.HoldOutput},
    )
    def post(self, request: SignedInRequest, hold_id: Any) -> Response:
        def call() -> tuple[int, Any]:
            services.hold_extend(customer=request.user, hold_id=hold_id, now=clock.now())
            return 201, s.hold_body(selectors.hold_get(customer=request.user, hold_id=hold_id))

        return self.answer_once(request, call)


class _PassengerView(IdempotentView):
    """What customers do with their passengers, and support with everybody's."""

    permission_classes: tuple[type[BasePermission], ...] = (IsCustomer,)

    def booking(self, request: SignedInRequest, reference: str) -> dict[str, Any]:
        """Say the booking after the change."""
        if request.user.kind == "employee":
            return s.booking_body(selectors.booking_get_for_employee(actor=request.user, reference=reference))
        return s.booking_body(selectors.booking_get_for_customer(customer=request.user, reference=reference))

    def change(
        self,
        request: SignedInRequest,
        reference: str,
        passenger_id: int,
        given: dict[str, Any],
        *,
        status: int,
        is_replacement: bool,
    ) -> Response:
        """Change details and answer with the booking."""

        def call() -> tuple[int, Any]:
            services.passenger_change(
                actor=request.user,
                reference=reference,
                passenger_id=passenger_id,
                values=given,
                is_replacement=is_replacement,
                now=clock.now(),
            )
            return status, self.booking(request, reference)

        return self.answer_once(request, call)


class PassengerView(_PassengerView):
    @extend_schema(
        operation_id="customer_passenger_correct",
        tags=["customer"],
        summary="Correct details of a passenger",
        description="Send what changes. Possible until 30 days before departure; 409 afterwards.",
        request=CorrectionInput,
        responses=s.BookingOutput,
    )
    def patch(self, request: SignedInRequest, reference: str, passenger_id: int) -> Response:
        given = read_input(CorrectionInput, request.data)
        if not given:
            raise InvalidInput(fields={"body": "Send at least one of full_name, email, phone, birth_date."})
        return self.change(request, reference, passenger_id, given, status=200, is_replacement=False)


class ReplacementView(_PassengerView):
    @extend_schema(
        operation_id="customer_passenger_replacement_create",
        tags=["customer"],
        summary="Let another person fly in a passenger's seat",
        description="Possible until 30 days before departure; 409 afterwards.",
        request=s.PassengerInputSerializer,
        responses={201: s.BookingOutput},
    )
    def post(self, request: SignedInRequest, reference: str, passenger_id: int) -> Response:
        given = read_input(s.PassengerInputSerializer, request.data)
        return self.change(request, reference, passenger_id, given, status=201, is_replacement=True)


class SeatView(_PassengerView):
    @extend_schema(
        operation_id="customer_passenger_seat_create",
        tags=["customer"],
        summary="Change a passenger's seat",
        description="To a free seat of the launch, or that of another passenger of the booking: the two exchange.",
        request=SeatChangeInput,
        responses={201: s.BookingOutput},
    )
    def post(self, request: SignedInRequest, reference: str, passenger_id: int) -> Response:
        given = read_input(SeatChangeInput, request.data)

        def call() -> tuple[int, Any]:
            services.seat_change(
                actor=request.user, reference=reference, passenger_id=passenger_id, now=clock.now(), **given
            )
            return 201, self.booking(request, reference)

        return self.answer_once(request, call)


class EmployeePassengerView(PassengerView):
    permission_classes = (IsEmployee.of(EmployeeRole.SUPPORT),)

    @extend_schema(
        operation_id="employee_passenger_correct",
        tags=["employee"],
        summary="Correct details of a passenger for a customer",
        request=CorrectionInput,
        responses=s.BookingOutput,
    )
    def patch(self, request: SignedInRequest, reference: str, passenger_id: int) -> Response:
        return super().patch(request, reference, passenger_id)


class EmployeeReplacementView(ReplacementView):
    permission_classes = (IsEmployee.of(EmployeeRole.SUPPORT),)

    @extend_schema(
        operation_id="employee_passenger_replacement_create",
        tags=["employee"],
        summary="Let another person fly in a passenger's seat, for a customer",
        request=s.PassengerInputSerializer,
        responses={201: s.BookingOutput},
    )
    def post(self, request: SignedInRequest, reference: str, passenger_id: int) -> Response:
        return super().post(request, reference, passenger_id)
