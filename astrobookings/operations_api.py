"""IT's view of the stores by API: system log, reconciliation. Wiring only; documents itself knows no users."""

from datetime import timedelta
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsEmployee
from accounts.enums import EmployeeRole
from common import context
from common.web.api import read_input, read_limit
from documents import selectors, services
from documents.repositories import LEVELS


class LogFilters(serializers.Serializer[Any]):
    """How IT narrows the log."""

    day_from = serializers.DateField(required=False, help_text="UTC; a week ago by default")
    day_to = serializers.DateField(required=False)
    level = serializers.ChoiceField(choices=LEVELS, required=False)
    text = serializers.CharField(max_length=100, required=False)
    request_id = serializers.CharField(max_length=40, required=False)
    before_key = serializers.CharField(max_length=80, required=False)


class LogLine(serializers.Serializer[Any]):
    """A line of the system log."""

    key = serializers.CharField()
    at = serializers.DateTimeField()
    level = serializers.CharField()
    logger = serializers.CharField()
    message = serializers.CharField()
    request_id = serializers.CharField()
    origin = serializers.CharField()
    actor_id = serializers.IntegerField(allow_null=True)


class LogListOutput(serializers.Serializer[Any]):
    """Lines, the newest first."""

    results = LogLine(many=True)


class LogListView(APIView):
    """The system log."""

    permission_classes = (IsEmployee.of(EmployeeRole.IT),)

    @extend_schema(
        operation_id="employee_log_list",
        tags=["employee"],
        summary="Search the system log",
        parameters=[LogFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=LogListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """Search."""
        today = timezone.now().date()
        given: dict[str, Any] = {"day_from": today - timedelta(days=7), "day_to": today}
        given |= read_input(LogFilters, request.query_params.dict())
        lines = selectors.log_search(**given, limit=read_limit(request))
        return Response({"results": LogLine(lines, many=True).data})


class ReconciliationInput(serializers.Serializer[Any]):
    """What to reconcile."""

    datasets = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=20)
    scope = serializers.ChoiceField(
        choices=["full", "since_last"],
        required=False,
        default="full",
        help_text="since_last looks only at what something happened to since the run before",
    )
    dry_run = serializers.BooleanField(required=False, default=False)


class ReconciliationOutput(serializers.Serializer[Any]):
    """A run."""

    id = serializers.IntegerField()
    status = serializers.CharField()
    datasets = serializers.ListField(child=serializers.CharField())
    is_full = serializers.BooleanField(help_text="else only what something happened to since the run before")
    is_dry_run = serializers.BooleanField()
    origin = serializers.CharField(help_text="portal, api, command or job")
    actor_id = serializers.IntegerField(allow_null=True)
    actor_email = serializers.CharField(help_text="who started it; empty where the schedule did")
    counts = serializers.DictField(help_text="figures by data set")
    drift = serializers.IntegerField(help_text="what differed, over all data sets")
    failed = serializers.IntegerField(help_text="what could not be repaired")
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class ReconciliationFilters(serializers.Serializer[Any]):
    """Which page."""

    before_id = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="the last id of the page before"
    )


class ReconciliationListOutput(serializers.Serializer[Any]):
    """Runs, the newest first."""

    results = ReconciliationOutput(many=True)


class ReconciliationListView(APIView):
    """Reconciliation runs."""

    permission_classes = (IsEmployee.of(EmployeeRole.IT),)

    @extend_schema(
        operation_id="employee_reconciliation_list",
        tags=["employee"],
        summary="List reconciliation runs",
        parameters=[ReconciliationFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=ReconciliationListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(ReconciliationFilters, request.query_params.dict())
        runs = selectors.reconciliation_list(limit=read_limit(request), before_id=given.get("before_id"))
        return Response({"results": ReconciliationOutput(runs, many=True).data})

    @extend_schema(
        operation_id="employee_reconciliation_create",
        tags=["employee"],
        summary="Start a reconciliation; the worker does it",
        request=ReconciliationInput,
        responses={202: ReconciliationOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Start."""
        given = read_input(ReconciliationInput, request.data)
        run = services.reconciliation_request(
            datasets=given.get("datasets", []),
            is_full=given["scope"] == "full",
            is_dry_run=given["dry_run"],
            origin=context.current().origin,
            actor_id=request.user.pk,
            actor_email=request.user.get_username(),
        )
        return Response(ReconciliationOutput(run).data, status=202)


class ReconciliationView(APIView):
    """One run."""

    permission_classes = (IsEmployee.of(EmployeeRole.IT),)

    @extend_schema(
        operation_id="employee_reconciliation_read",
        tags=["employee"],
        summary="Read a reconciliation run, also while it works",
        responses=ReconciliationOutput,
    )
    def get(self, request: SignedInRequest, run_id: int) -> Response:
        """Read."""
        return Response(ReconciliationOutput(selectors.reconciliation_get(run_id=run_id)).data)


class ReconciliationCancelView(APIView):
    """End a run."""

    permission_classes = (IsEmployee.of(EmployeeRole.IT),)

    @extend_schema(
        operation_id="employee_reconciliation_cancel_create",
        tags=["employee"],
        summary="End a run after the batch it is at; one that has ended stays as it is",
        request=None,
        responses=ReconciliationOutput,
    )
    def post(self, request: SignedInRequest, run_id: int) -> Response:
        """Cancel."""
        return Response(ReconciliationOutput(services.reconciliation_cancel(run_id=run_id)).data)


urlpatterns = [
    path("log/", LogListView.as_view()),
    path("reconciliations/", ReconciliationListView.as_view()),
    path("reconciliations/<id:run_id>/", ReconciliationView.as_view()),
    path("reconciliations/<id:run_id>/cancel/", ReconciliationCancelView.as_view()),
]
