"""Who calls the API: a bearer token, or the session of a portal."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import errors, selectors
from accounts.models import User
from common import context


class SignedInRequest(Request):
    """A request that a permission has let through: its user is one of ours. Only for annotations."""

    user: User


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>` (RFC 6750). A token of an inactive user or an old password is refused."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the user of the token; None without a bearer header."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            user = selectors.user_by_access_token(token=token.strip(), now=timezone.now())
        except errors.TokenInvalid as error:
            raise exceptions.AuthenticationFailed(
                "This access token is not valid any more. Refresh it, or sign in again.", code=error.code
            ) from error
        context.update(actor_id=user.pk, actor_email=user.email)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in answers with 401."""
        return "Bearer"


class PortalSessionAuthentication(SessionAuthentication):
    """The session of a portal, for its own scripts and the API docs; writes carry the CSRF token."""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What the OpenAPI document says of bearer tokens."""

    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token of POST /api/v1/auth/token/; it lives for ten minutes.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What the OpenAPI document says of portal sessions."""

    target_class = "accounts.api.authentication.PortalSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A portal's session cookie."}
