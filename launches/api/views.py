"""Suppliers read and move their launches; one view an action, each move a noun below its launch."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsSupplierMember
from common import keyset
from common.web.api import IdempotentView, read_input, read_limit
from launches import selectors, services
from launches.api import serializers as s

if TYPE_CHECKING:
    from launches.models import Launch

CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page")


def _actor(request: Request) -> Any:
    """Return the caller; the permission class has seen to it that it is a user."""
    return request.user


class OwnLaunchListView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_launch_list",
        tags=["supplier"],
        summary="List my launches, the next first",
        parameters=[s.LaunchFilters, CURSOR, LIMIT],
        responses=s.OwnLaunchListOutput,
    )
    def get(self, request: Request) -> Response:
        given = read_input(s.LaunchFilters, request.query_params.dict())
        statuses = (given["status"],) if "status" in given else ()
        page = keyset.page(
            rows=selectors.launch_list_for_supplier(actor=_actor(request), statuses=statuses),
            order=selectors.SORTS["departure"],
            cursor=request.query_params.get("cursor", ""),
            limit=read_limit(request),
        )
        return Response({"results": [s.launch_body(row) for row in page.rows], "next_cursor": page.next_cursor})


class OwnLaunchView(APIView):
    permission_classes = (IsSupplierMember,)

    @extend_schema(
        operation_id="supplier_launch_read",
        tags=["supplier"],
        summary="Read my launch and its history, the latest change first",
        responses=s.OwnLaunchDetailOutput,
    )
    def get(self, request: Request, launch_id: int) -> Response:
        launch = selectors.launch_get_for_supplier(actor=_actor(request), launch_id=launch_id)
        history = selectors.launch_history(actor=_actor(request), launch_id=launch_id)
        body = {**s.launch_body(launch), "description": launch.description}
        return Response({**body, "history": [s.change_body(change) for change in history]})


class _MoveView(IdempotentView):
    """A move of a launch, which puts seats on sale or takes them off, and may send everybody's money back."""

    permission_classes = (IsSupplierMember,)

    def answer_moved(self, request: Request, move: Callable[..., "Launch"], **values: Any) -> Response:
        """Answer with the launch as the move leaves it, once a key."""

        def call() -> tuple[int, Any]:
            return 201, s.launch_body(move(actor=_actor(request), now=timezone.now(), **values))

        return self.answer_once(request, call)


class PublicationView(_MoveView):
    @extend_schema(
        operation_id="supplier_launch_publication_create",
        tags=["supplier"],
        summary="Publish a draft: its seats are on sale",
        request=None,
        responses={201: s.OwnLaunchOutput},
    )
    def post(self, request: Request, launch_id: int) -> Response:
        return self.answer_moved(request, services.launch_schedule, launch_id=launch_id)


class ConfirmationView(_MoveView):
    @extend_schema(
        operation_id="supplier_launch_confirmation_create",
        tags=["supplier"],
        summary="Declare a launch viable",
        request=None,
        responses={201: s.OwnLaunchOutput},
    )
    def post(self, request: Request, launch_id: int) -> Response:
        return self.answer_moved(request, services.launch_confirm, launch_id=launch_id)


class DelayListView(_MoveView):
    @extend_schema(
        operation_id="supplier_launch_delay_create",
        tags=["supplier"],
        summary="Move the departure to a later time; bookings stay",
        request=s.DelayInput,
        responses={201: s.OwnLaunchOutput},
    )
    def post(self, request: Request, launch_id: int) -> Response:
        given = read_input(s.DelayInput, request.data)
        return self.answer_moved(request, services.launch_delay, launch_id=launch_id, **given)


class AbortView(_MoveView):
    @extend_schema(
        operation_id="supplier_launch_abort_create",
        tags=["supplier"],
        summary="Call a launch off for good; everybody is refunded in full",
        request=s.AbortInput,
        responses={201: s.OwnLaunchOutput},
    )
    def post(self, request: Request, launch_id: int) -> Response:
        given = read_input(s.AbortInput, request.data)
        return self.answer_moved(request, services.launch_abort, launch_id=launch_id, **given)


class FlightView(_MoveView):
    @extend_schema(
        operation_id="supplier_launch_flight_create",
        tags=["supplier"],
        summary="Record how the flight ended, after its departure; a failure needs a reason and refunds everybody",
        request=s.FlightInput,
        responses={201: s.OwnLaunchOutput},
    )
    def post(self, request: Request, launch_id: int) -> Response:
        given = read_input(s.FlightInput, request.data)
        outcome, reason = given["outcome"], given.get("reason", "")
        return self.answer_moved(
            request, services.launch_mark_flown, launch_id=launch_id, outcome=outcome, reason=reason
        )
