"""The inbox, the same for all three kinds of users: what was told to the caller, and what of it is read."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from common.web.api import read_input, read_limit
from notifications import links, selectors, services
from notifications.models import Notification


class InboxFilterInput(serializers.Serializer[Any]):
    is_unread = serializers.BooleanField(required=False, default=False, help_text="only what is not read yet")


class MessageOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    template = serializers.CharField(help_text="what kind of message it is")
    subject = serializers.CharField(help_text="in the language its reader had chosen when it was sent")
    url = serializers.CharField(help_text="of the page it is about; empty when it is about none")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class InboxOutput(serializers.Serializer[Any]):
    results = MessageOutput(many=True)
    next_cursor = serializers.CharField()
    unread_count = serializers.IntegerField()


class ReadOutput(serializers.Serializer[Any]):
    marked_count = serializers.IntegerField(help_text="how many were unread")
    unread_count = serializers.IntegerField()


class _InboxView(APIView):
    def get(self, request: SignedInRequest) -> Response:
        """List."""
        given = read_input(InboxFilterInput, request.query_params.dict())
        page = selectors.inbox_page(
            user=request.user,
            is_unread=given["is_unread"],
            cursor=request.query_params.get("cursor", ""),
            limit=read_limit(request),
        )
        return Response(
            {
                "results": [_body(row) for row in page.rows],
                "next_cursor": page.next_cursor,
                "unread_count": selectors.inbox_unread_count(user=request.user),
            }
        )


class _ReadView(APIView):
    def post(self, request: SignedInRequest, message_id: int | None = None) -> Response:
        """Mark as read."""
        marked = services.inbox_mark_read(user=request.user, now=timezone.now(), notification_id=message_id)
        return Response({"marked_count": marked, "unread_count": selectors.inbox_unread_count(user=request.user)})


def _listed(kind: str) -> Any:
    parameters: list[Any] = [
        InboxFilterInput,
        OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before"),
        OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page"),
    ]
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{kind}_inbox_list",
            tags=[kind],
            summary="List what was told to me, the latest first",
            parameters=parameters,
            responses=InboxOutput,
        )
    )


def _marking(kind: str, what: str, summary: str) -> Any:
    return extend_schema_view(
        post=extend_schema(
            operation_id=f"{kind}_inbox_{what}", tags=[kind], summary=summary, request=None, responses=ReadOutput
        )
    )


def _body(row: Notification) -> dict[str, Any]:
    return {
        "id": row.pk,
        "template": row.template,
        "subject": row.subject,
        "url": links.absolute(row.link) if row.link else "",
        "created_at": row.created_at,
        "read_at": row.read_at,
    }


@_listed("customer")
class CustomerInboxView(_InboxView):
    permission_classes = (IsCustomer,)


@_marking("customer", "message_read", "Mark a message as read")
class CustomerMessageReadView(_ReadView):
    permission_classes = (IsCustomer,)


@_marking("customer", "read", "Mark all messages as read")
class CustomerInboxReadView(_ReadView):
    permission_classes = (IsCustomer,)


@_listed("supplier")
class SupplierInboxView(_InboxView):
    permission_classes = (IsSupplierMember,)


@_marking("supplier", "message_read", "Mark a message as read")
class SupplierMessageReadView(_ReadView):
    permission_classes = (IsSupplierMember,)


@_marking("supplier", "read", "Mark all messages as read")
class SupplierInboxReadView(_ReadView):
    permission_classes = (IsSupplierMember,)


@_listed("employee")
class EmployeeInboxView(_InboxView):
    permission_classes = (IsEmployee,)


@_marking("employee", "message_read", "Mark a message as read")
class EmployeeMessageReadView(_ReadView):
    permission_classes = (IsEmployee,)


@_marking("employee", "read", "Mark all messages as read")
class EmployeeInboxReadView(_ReadView):
    permission_classes = (IsEmployee,)
