"""IT's view of how events are delivered, by API. Wiring only; common itself knows no users."""

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsEmployee
from accounts.enums import EmployeeRole
from common import outbox_failures, outbox_state
from common.models import OutboxFailure
from common.web.api import read_input, read_limit

IsIT = IsEmployee.of(EmployeeRole.IT)


class ConsumerOutput(serializers.Serializer[Any]):
    """How one consumer stands."""

    name = serializers.CharField()
    waiting = serializers.IntegerField(help_text="events that lie ahead of it")
    oldest_at = serializers.DateTimeField(allow_null=True, help_text="when the oldest of them happened")
    latest_event_id = serializers.IntegerField()
    retry_at = serializers.DateTimeField(allow_null=True, help_text="it waits for its store until then")
    failures_in_a_row = serializers.IntegerField()
    is_late = serializers.BooleanField()


class ConsumerListOutput(serializers.Serializer[Any]):
    """All consumers, by name."""

    results = ConsumerOutput(many=True)


class ConsumerListView(APIView):
    """The consumers."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_event_consumer_list",
        tags=["employee"],
        summary="See how far each consumer of events is",
        responses=ConsumerListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        return Response({"results": ConsumerOutput(outbox_state.consumer_states(), many=True).data})


class FailureFilters(serializers.Serializer[Any]):
    """Which page."""

    before_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class FailureOutput(serializers.Serializer[Any]):
    """An event that a consumer could not handle."""

    id = serializers.IntegerField()
    consumer = serializers.CharField()
    event_id = serializers.IntegerField()
    event = serializers.CharField(source="event.name")
    payload = serializers.DictField(source="event.payload")
    occurred_at = serializers.DateTimeField(source="event.occurred_at")
    origin = serializers.CharField(source="event.origin")
    actor_email = serializers.CharField(source="event.actor_email")
    request_id = serializers.CharField(source="event.request_id")
    attempts = serializers.IntegerField()
    error = serializers.CharField()
    retry_at = serializers.DateTimeField(allow_null=True)
    parked_at = serializers.DateTimeField(allow_null=True, help_text="since when nobody tries it any more")


class FailureListOutput(serializers.Serializer[Any]):
    """Failed events, the latest first."""

    results = FailureOutput(many=True)


class FailureListView(APIView):
    """Failed events."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_event_failure_list",
        tags=["employee"],
        summary="List the events that a consumer could not handle",
        parameters=[FailureFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=FailureListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(FailureFilters, request.query_params.dict())
        rows: list[OutboxFailure] = outbox_state.failure_list(limit=read_limit(request), before=given.get("before_id"))
        return Response({"results": FailureOutput(rows, many=True).data})


class FailureRetryView(APIView):
    """Try again."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_event_failure_retry_create",
        tags=["employee"],
        summary="Have a failed event tried again now",
        request=None,
        responses={204: None},
    )
    def post(self, request: SignedInRequest, failure_id: int) -> Response:
        """Try again."""
        outbox_failures.failure_retry_now(failure_id=failure_id)
        return Response(status=204)


class DropInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=outbox_failures.REASON_MAX, help_text="stands in the audit trail")


class FailureDropView(APIView):
    """Give up."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_event_failure_drop_create",
        tags=["employee"],
        summary="Drop a parked event for the consumer that cannot handle it",
        request=DropInput,
        responses={204: None},
    )
    def post(self, request: SignedInRequest, failure_id: int) -> Response:
        """Drop."""
        given = read_input(DropInput, request.data)
        outbox_failures.failure_drop(failure_id=failure_id, reason=given["reason"])
        return Response(status=204)


urlpatterns = [
    path("events/consumers/", ConsumerListView.as_view()),
    path("events/failures/", FailureListView.as_view()),
    path("events/failures/<id:failure_id>/retry/", FailureRetryView.as_view()),
    path("events/failures/<id:failure_id>/drop/", FailureDropView.as_view()),
]
