"""What the token calls take and give."""

from typing import Any

from rest_framework import serializers


class SignInInput(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, style={"input_type": "password"})
    code = serializers.CharField(
        max_length=60,
        required=False,
        default="",
        allow_blank=True,
        help_text="of employees: six digits of the authenticator app, or a recovery code",
    )


class RefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=200)


class TokenPairOutput(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Exchange it for the next pair; it works once.")
    expires_in = serializers.IntegerField(help_text="Life of the access token in seconds.")
    token_type = serializers.CharField(default="Bearer")
