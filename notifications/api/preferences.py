"""What people want by mail, the same for all three kinds of users."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from common.web.api import read_input
from notifications import selectors, services
from notifications.selectors import TopicChoice


class TopicOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField(help_text="in the language that the caller chose, like what follows")
    about = serializers.CharField()
    is_on = serializers.BooleanField(help_text="whether its messages are mailed; all of them stand in the inbox")
    is_required = serializers.BooleanField(help_text="whether it cannot be switched off")
    why = serializers.CharField(help_text="why it cannot be switched off; empty where it can")


class PreferencesOutput(serializers.Serializer[Any]):
    results = TopicOutput(many=True)


class PreferencesInput(serializers.Serializer[Any]):
    off = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=30, help_text="codes of the topics to get no mails of"
    )


class _PreferencesView(APIView):
    def get(self, request: SignedInRequest) -> Response:
        """Read."""
        return Response(_body(selectors.preferences_list(user=request.user)))

    def put(self, request: SignedInRequest) -> Response:
        """Replace."""
        given = read_input(PreferencesInput, request.data)
        return Response(_body(services.preferences_change(user=request.user, off=given["off"], now=timezone.now())))


def _described(kind: str) -> Any:
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{kind}_mail_preferences_read",
            tags=[kind],
            summary="Say which messages are mailed",
            responses=PreferencesOutput,
        ),
        put=extend_schema(
            operation_id=f"{kind}_mail_preferences_replace",
            tags=[kind],
            summary="Choose which messages are mailed; all others stay in the inbox",
            request=PreferencesInput,
            responses=PreferencesOutput,
        ),
    )


@_described("customer")
class CustomerPreferencesView(_PreferencesView):
    permission_classes = (IsCustomer,)


@_described("supplier")
class SupplierPreferencesView(_PreferencesView):
    permission_classes = (IsSupplierMember,)


@_described("employee")
class EmployeePreferencesView(_PreferencesView):
    permission_classes = (IsEmployee,)


def _body(choices: list[TopicChoice]) -> dict[str, Any]:
    results = [
        {
            "code": choice.topic.code,
            "title": choice.words.label,
            "about": choice.words.about,
            "is_on": choice.is_on,
            "is_required": choice.topic.is_required,
            "why": choice.words.why,
        }
        for choice in choices
    ]
    return {"results": results}
