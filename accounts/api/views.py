"""Sign in to the API, go on, and end it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import errors, services
from accounts.api.serializers import RefreshInput, SignInInput, TokenPairOutput
from accounts.api.throttling import AttemptThrottle
from accounts.doors import limits
from accounts.doors.checking import code_checked, user_authenticated
from accounts.doors.places import program_note
from accounts.models import User
from documents.errors import DocumentStoreUnavailable


class _TokenView(APIView):
    authentication_classes: tuple[type, ...] = ()  # a stale token must not bar the way
    permission_classes = (AllowAny,)
    throttle_scope = "token"

    def get_throttles(self) -> list[BaseThrottle]:
        """Keep what counts this call."""
        self._counting = AttemptThrottle()
        return [self._counting]

    def handle_exception(self, exc: Exception) -> Response:
        """Give the attempt back where the store was away: who comes again when told to must not meet the limit."""
        if isinstance(exc, DocumentStoreUnavailable):
            self._counting.give_back()
        return super().handle_exception(exc)


class TokenView(_TokenView):
    @extend_schema(
        summary="Sign in for a pair of tokens",
        description="Employees send a `code` too; without it the answer is 401, `second_factor_required`.",
        request=SignInInput,
        responses=TokenPairOutput,
        tags=["auth"],
    )
    def post(self, request: Request) -> Response | HttpResponse:
        given = _valid(SignInInput(data=request.data))
        plain = request._request  # the lock-out marks Django's request, which its middleware looks at
        try:
            user = user_authenticated(plain, email=given["email"], password=given["password"])
            if user.needs_second_factor:
                if not given["code"]:
                    raise errors.SecondFactorRequired
                code_checked(plain, user, code=given["code"], now=timezone.now())
        except (errors.CredentialsWrong, errors.CodeWrong) as error:
            if given["code"] and settings.EMPLOYEE_SECOND_FACTOR:
                raise errors.SignInWrong from error
            raise
        except errors.TooManyCodes as error:
            seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
            return limits.too_many(plain, sentence=error.message, seconds=seconds)
        pair = services.token_pair_issue(user=user, now=timezone.now())
        user_logged_in.send(sender=User, request=plain, user=user)
        program_note(plain, user)
        return _answer(pair)


class TokenRefreshView(_TokenView):
    @extend_schema(
        summary="Exchange a refresh token for the next pair",
        description="Each refresh token works once. A second use ends the whole sign-in, for then somebody has a copy.",
        request=RefreshInput,
        responses=TokenPairOutput,
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        given = _valid(RefreshInput(data=request.data))
        return _answer(services.token_refresh(refresh=given["refresh"], now=timezone.now()))


class TokenRevokeView(_TokenView):
    @extend_schema(
        summary="End a sign-in",
        description="Ends all refresh tokens that came from one sign-in. An unknown token is answered alike.",
        request=RefreshInput,
        responses={204: None},
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        given = _valid(RefreshInput(data=request.data))
        services.token_revoke(refresh=given["refresh"], now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _answer(pair: services.TokenPair) -> Response:
    response = Response(TokenPairOutput({**vars(pair), "token_type": "Bearer"}).data)
    response["Cache-Control"] = "no-store"  # RFC 6749, section 5.1
    return response
