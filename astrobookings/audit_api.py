"""IT's view of the audit trail by API. Wiring only; documents itself knows no users."""

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
from documents import audit_checks, selectors
from documents.records import AuditRecord
from documents.repositories import AuditTrail

IsIT = IsEmployee.of(EmployeeRole.IT)


class AuditFilters(serializers.Serializer[Any]):
    """Which entries: all, or those of one object."""

    kind = serializers.RegexField(r"^[a-z_]+$", max_length=40, required=False, help_text="of the object, like launch")
    number = serializers.CharField(max_length=60, required=False, help_text="the object's id")
    before_key = serializers.CharField(max_length=80, required=False, help_text="the last key of the page before")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for both or none."""
        if bool(attrs.get("kind")) != bool(attrs.get("number")):
            missing = "number" if attrs.get("kind") else "kind"
            raise serializers.ValidationError({missing: "Give both the kind and the number of the object, or neither."})
        return attrs


class AuditEntryOutput(serializers.Serializer[Any]):
    """What happened to which object, who did it, why, from where, and what it was before and after."""

    key = serializers.SerializerMethodField()
    sequence = serializers.IntegerField(help_text="place in the chain, from 1; 0 for entries older than the chain")
    event_id = serializers.IntegerField()
    name = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    actor_id = serializers.IntegerField(allow_null=True)
    actor_email = serializers.CharField()
    origin = serializers.CharField()
    address = serializers.CharField(help_text="the visitor's network, cut short")
    request_id = serializers.CharField()
    subject_kind = serializers.CharField()
    subject_id = serializers.CharField()
    reason = serializers.CharField()
    before = serializers.DictField()
    after = serializers.DictField()
    payload = serializers.DictField()

    def get_key(self, entry: AuditRecord) -> str:
        """Return its place in the order of time."""
        return AuditTrail.key_of(entry)


class AuditListOutput(serializers.Serializer[Any]):
    """Entries, the newest first."""

    results = AuditEntryOutput(many=True)


class AuditListView(APIView):
    """The audit trail."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_audit_list",
        tags=["employee"],
        summary="Read the audit trail, or what happened to one object",
        parameters=[AuditFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=AuditListOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(AuditFilters, request.query_params.dict())
        entries = selectors.audit_list(**given, now=timezone.now(), limit=read_limit(request))
        return Response({"results": AuditEntryOutput(entries, many=True).data})


class AuditCheckOutput(serializers.Serializer[Any]):
    """One proof of the audit trail."""

    id = serializers.IntegerField()
    status = serializers.CharField(help_text="running, whole, broken or failed")
    sentence = serializers.CharField(help_text="what was found")
    entries = serializers.IntegerField()
    events = serializers.IntegerField()
    broken_at = serializers.IntegerField(allow_null=True, help_text="place of the first broken entry")
    origin = serializers.CharField()
    actor_email = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class AuditStandingOutput(serializers.Serializer[Any]):
    """The latest proof that has ended, and the one that is at work."""

    latest = AuditCheckOutput(allow_null=True)
    running = AuditCheckOutput(allow_null=True)


class AuditCheckView(APIView):
    """Proofs of the audit trail."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_audit_check_read",
        tags=["employee"],
        summary="See how the audit trail stands",
        responses=AuditStandingOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """Read."""
        return Response(AuditStandingOutput(selectors.audit_standing()).data)

    @extend_schema(
        operation_id="employee_audit_check_create",
        tags=["employee"],
        summary="Have the audit trail checked; the worker does it",
        request=None,
        responses={202: AuditCheckOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Start."""
        check = audit_checks.check_request(
            origin=context.current().origin, actor_id=request.user.pk, actor_email=request.user.get_username()
        )
        check.refresh_from_db()
        return Response(AuditCheckOutput(check).data, status=202)


urlpatterns = [
    path("audit/", AuditListView.as_view()),
    path("audit/checks/", AuditCheckView.as_view()),
]
