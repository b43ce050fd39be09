"""Customers: their own profile, and the people they book for."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors, services
from accounts.api.authentication import SignedInRequest
from accounts.api.permissions import IsCustomer
from accounts.enums import Language
from accounts.models import User
from common.web.api import read_input
from documents.records import ProfileRecord, SavedPassenger


class Plain(serializers.Serializer[Any]):
    """A serializer that only describes; the dictionaries below are built by functions."""


class ProfileInput(Plain):
    full_name = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=40, allow_blank=True, help_text="with country code; '' for none")
    birth_date = serializers.DateField(allow_null=True)
    emergency_name = serializers.CharField(max_length=120, allow_blank=True, required=False, help_text="whom to call")
    emergency_phone = serializers.CharField(max_length=40, allow_blank=True, required=False)


class ReadingInput(Plain):
    language = serializers.ChoiceField(
        choices=Language.choices, required=False, help_text="of messages, papers, and the pages about them"
    )
    time_zone = serializers.CharField(max_length=64, required=False, help_text="a name of the IANA database")


class SavedPassengerInput(Plain):
    full_name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254)
    phone = serializers.CharField(max_length=40, help_text="with country code")
    birth_date = serializers.DateField()


class NewSavedPassengerInput(SavedPassengerInput):
    is_agreed = serializers.BooleanField(
        required=False, help_text="the customer says that this person knows of it; needed for the first one"
    )


class SavedPassengerOutput(Plain):
    id = serializers.CharField()
    full_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    birth_date = serializers.DateField()


class ConsentOutput(Plain):
    name = serializers.CharField()
    is_given = serializers.BooleanField(help_text="false: taken back")
    words = serializers.CharField(help_text="version of the words that were agreed to")
    at = serializers.DateTimeField()


class ProfileOutput(Plain):
    full_name = serializers.CharField()
    email = serializers.CharField()
    language = serializers.ChoiceField(choices=Language.choices, help_text="of messages")
    time_zone = serializers.CharField()
    phone = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    emergency_name = serializers.CharField()
    emergency_phone = serializers.CharField()
    saved_passengers = SavedPassengerOutput(many=True)
    consents = ConsentOutput(many=True, help_text="every one given and taken back, the first first")
    updated_at = serializers.DateTimeField()


class ProfileView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_profile_read", tags=["customer"], summary="Read my profile", responses=ProfileOutput
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(profile_body(selectors.profile_get(customer=request.user), user=request.user))

    @extend_schema(
        operation_id="customer_profile_update",
        tags=["customer"],
        summary="Change my own details",
        description="503 while profiles cannot be written; nothing was changed then.",
        request=ProfileInput,
        responses=ProfileOutput,
    )
    def put(self, request: SignedInRequest) -> Response:
        given = read_input(ProfileInput, request.data)
        profile = services.profile_change(customer=request.user, now=timezone.now(), **given)
        return Response(profile_body(profile, user=request.user))

    @extend_schema(
        operation_id="customer_profile_reading_change",
        tags=["customer"],
        summary="Choose in which language and time zone I am written to",
        description="What is not given stays. 503 while the profile cannot be read; nothing was changed then.",
        request=ReadingInput,
        responses=ProfileOutput,
    )
    def patch(self, request: SignedInRequest) -> Response:
        given = read_input(ReadingInput, request.data)
        profile = selectors.profile_get(customer=request.user)  # first, for its store may be away
        user = services.reading_change(user=request.user, **given)
        return Response(profile_body(profile, user=user))


class SavedPassengerListView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_saved_passenger_create",
        tags=["customer"],
        summary="Save somebody I book for",
        request=NewSavedPassengerInput,
        responses={201: SavedPassengerOutput},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = {"is_agreed": False, **read_input(NewSavedPassengerInput, request.data)}
        saved = services.saved_passenger_add(customer=request.user, now=timezone.now(), **given)
        return Response(saved_passenger_body(saved), status=201)

    @extend_schema(
        operation_id="customer_saved_passengers_forget",
        tags=["customer"],
        summary="Take the consent back and forget everybody I saved",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest) -> Response:
        services.saved_passengers_forget(customer=request.user, now=timezone.now())
        return Response(status=204)


class SavedPassengerView(APIView):
    permission_classes = (IsCustomer,)

    @extend_schema(
        operation_id="customer_saved_passenger_update",
        tags=["customer"],
        summary="Correct somebody I saved; bookings stay as they are",
        request=SavedPassengerInput,
        responses=SavedPassengerOutput,
    )
    def put(self, request: SignedInRequest, passenger_id: str) -> Response:
        given = read_input(SavedPassengerInput, request.data)
        saved = services.saved_passenger_change(
            customer=request.user, passenger_id=passenger_id, now=timezone.now(), **given
        )
        return Response(saved_passenger_body(saved))

    @extend_schema(
        operation_id="customer_saved_passenger_delete",
        tags=["customer"],
        summary="Forget somebody I saved; bookings stay as they are",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, passenger_id: str) -> Response:
        services.saved_passenger_remove(customer=request.user, passenger_id=passenger_id, now=timezone.now())
        return Response(status=204)


def profile_body(profile: ProfileRecord, *, user: User) -> dict[str, Any]:
    """Say a profile."""
    return {
        "full_name": profile.full_name,
        "email": user.email,
        "language": user.language,
        "time_zone": user.time_zone,
        "phone": profile.phone,
        "birth_date": profile.birth_date,
        "emergency_name": profile.emergency_name,
        "emergency_phone": profile.emergency_phone,
        "saved_passengers": [saved_passenger_body(one) for one in profile.saved_passengers],
        "consents": [
            {"name": one.name, "is_given": one.is_given, "words": one.words, "at": one.at} for one in profile.consents
        ],
        "updated_at": profile.updated_at,
    }


def saved_passenger_body(saved: SavedPassenger) -> dict[str, Any]:
    """Say a saved passenger."""
    return {
        "id": saved.id,
        "full_name": saved.full_name,
        "email": saved.email,
        "phone": saved.phone,
        "birth_date": saved.birth_date,
    }
