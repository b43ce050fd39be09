"""IT's view of events and jobs by API. Wiring only; common itself knows no users."""

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
from common import job_state, jobs, outbox_failures, outbox_state
from common.models import JobRun, OutboxFailure
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


class PageFilters(serializers.Serializer[Any]):
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
        parameters=[PageFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=FailureListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(PageFilters, request.query_params.dict())
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


class JobRunOutput(serializers.Serializer[Any]):
    """One run of a job."""

    id = serializers.IntegerField()
    status = serializers.CharField(help_text="queued, running, done, failed or skipped")
    result = serializers.CharField()
    error = serializers.CharField()
    actor_email = serializers.CharField(help_text="who asked for it; empty where its schedule did")
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class JobOutput(serializers.Serializer[Any]):
    """One job and how it stands."""

    slug = serializers.CharField(source="job.slug")
    name = serializers.CharField(source="job.name")
    what = serializers.CharField(source="job.what")
    minutes = serializers.IntegerField(source="job.minutes", help_text="between two runs")
    limit_s = serializers.IntegerField(source="job.limit_s", help_text="seconds after which a run is stopped")
    latest = JobRunOutput(allow_null=True)
    failures_in_a_row = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True)
    overdue_since = serializers.DateTimeField(allow_null=True)


class JobListOutput(serializers.Serializer[Any]):
    """All jobs."""

    results = JobOutput(many=True)


class JobListView(APIView):
    """The jobs."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_job_list",
        tags=["employee"],
        summary="See how each job stands",
        responses=JobListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        return Response({"results": JobOutput(job_state.job_states(), many=True).data})


class JobRunListOutput(serializers.Serializer[Any]):
    """Runs, the latest first."""

    results = JobRunOutput(many=True)


class JobRunListView(APIView):
    """The runs of a job."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_job_run_list",
        tags=["employee"],
        summary="List the runs of a job",
        parameters=[PageFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=JobRunListOutput,
    )
    def get(self, request: SignedInRequest, slug: str) -> Response:
        """List."""
        given = read_input(PageFilters, request.query_params.dict())
        rows: list[JobRun] = job_state.job_run_list(slug=slug, limit=read_limit(request), before=given.get("before_id"))
        return Response({"results": JobRunOutput(rows, many=True).data})

    @extend_schema(
        operation_id="employee_job_run_create",
        tags=["employee"],
        summary="Have the worker run a job now",
        request=None,
        responses={202: JobRunOutput},
    )
    def post(self, request: SignedInRequest, slug: str) -> Response:
        """Run."""
        run = jobs.job_request(slug=slug)
        run.refresh_from_db()
        return Response(JobRunOutput(run).data, status=202)


urlpatterns = [
    path("events/consumers/", ConsumerListView.as_view()),
    path("events/failures/", FailureListView.as_view()),
    path("events/failures/<id:failure_id>/retry/", FailureRetryView.as_view()),
    path("events/failures/<id:failure_id>/drop/", FailureDropView.as_view()),
    path("jobs/", JobListView.as_view()),
    path("jobs/<slug:slug>/runs/", JobRunListView.as_view()),
]
