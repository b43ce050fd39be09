"""The queue of messages for IT: how each stands, and what can be done with it; as on its page."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsEmployee
from accounts.enums import EmployeeRole
from common.web.api import read_input, read_limit
from notifications import selectors, services, tasks
from notifications.enums import NotificationStatus

IsIT = IsEmployee.of(EmployeeRole.IT)


class QueueFilters(serializers.Serializer[Any]):
    """Which messages."""

    status = serializers.ChoiceField(choices=NotificationStatus.choices, required=False)
    text = serializers.CharField(
        max_length=200, required=False, help_text="part of the address, subject, template or error, in any case"
    )
    before_id = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="the last id of the page before"
    )


class QueuedMessageOutput(serializers.Serializer[Any]):
    """A message and how it stands."""

    id = serializers.IntegerField()
    status = serializers.CharField(help_text="pending, sending, sent, bounced, failed or cancelled")
    template = serializers.CharField(help_text="what kind of message it is")
    receiver_id = serializers.IntegerField(allow_null=True)
    address = serializers.CharField(help_text="empty when it goes to the inbox only")
    subject = serializers.CharField(help_text="empty until it is sent")
    attempts = serializers.IntegerField(help_text="since it was enqueued or last retried by hand")
    latest_error = serializers.CharField()
    message_id = serializers.CharField()
    request_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    give_up_at = serializers.DateTimeField(help_text="no new attempt after this instant")
    sent_at = serializers.DateTimeField(allow_null=True)


class QueueOutput(serializers.Serializer[Any]):
    """Messages, the latest first."""

    results = QueuedMessageOutput(many=True)


class QueueView(APIView):
    """The queue."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_message_list",
        tags=["employee"],
        summary="List the messages of the queue",
        parameters=[QueueFilters, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=QueueOutput,
    )
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(QueueFilters, request.query_params.dict())
        rows = selectors.queue_list(
            actor=request.user,
            status=given.get("status", ""),
            text=given.get("text", ""),
            before=given.get("before_id"),
            limit=read_limit(request),
        )
        return Response({"results": QueuedMessageOutput(rows, many=True).data})


class QueuedMessageView(APIView):
    """One message."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_message_read",
        tags=["employee"],
        summary="See how a message stands",
        responses=QueuedMessageOutput,
    )
    def get(self, request: SignedInRequest, message_id: int) -> Response:
        """Read."""
        return Response(QueuedMessageOutput(selectors.queue_get(actor=request.user, notification_id=message_id)).data)


class MoveInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(
        max_length=300, required=False, default="", allow_blank=True, help_text="stands in the audit trail"
    )


class MessageRetryView(APIView):
    """Send again."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_message_retry_create",
        tags=["employee"],
        summary="Make a failed, cancelled or waiting message due now",
        request=MoveInput,
        responses=QueuedMessageOutput,
    )
    def post(self, request: SignedInRequest, message_id: int) -> Response:
        """Retry."""
        given = read_input(MoveInput, request.data)
        row = services.notification_retry(
            actor=request.user, notification_id=message_id, now=timezone.now(), reason=given["reason"]
        )
        tasks.send_soon()
        return Response(QueuedMessageOutput(row).data)


class MessageCancelView(APIView):
    """Do not send."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_message_cancel_create",
        tags=["employee"],
        summary="Keep a waiting or failed message from being sent",
        request=MoveInput,
        responses=QueuedMessageOutput,
    )
    def post(self, request: SignedInRequest, message_id: int) -> Response:
        """Cancel."""
        given = read_input(MoveInput, request.data)
        row = services.notification_cancel(
            actor=request.user, notification_id=message_id, now=timezone.now(), reason=given["reason"]
        )
        return Response(QueuedMessageOutput(row).data)


class MessageMarkSentView(APIView):
    """Told by other means."""

    permission_classes = (IsIT,)

    @extend_schema(
        operation_id="employee_message_mark_sent_create",
        tags=["employee"],
        summary="Record that the receiver was told by other means",
        request=MoveInput,
        responses=QueuedMessageOutput,
    )
    def post(self, request: SignedInRequest, message_id: int) -> Response:
        """Mark."""
        given = read_input(MoveInput, request.data)
        row = services.notification_mark_sent(
            actor=request.user, notification_id=message_id, now=timezone.now(), reason=given["reason"]
        )
        return Response(QueuedMessageOutput(row).data)
