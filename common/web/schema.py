"""OpenAPI details that hold for every operation: problem answers and the Idempotency-Key header."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class ProblemSerializer(serializers.Serializer[Any]):
    """A failure, as RFC 9457 says it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A stable word for machines.")
    request_id = serializers.CharField()
    fields = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]


IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=OpenApiTypes.STR,
    location=OpenApiParameter.HEADER,
    required=False,
    description="Any text of up to 200 characters, new for each request; a repeat within 24 h gets the first answer.",
)


class ProblemAutoSchema(AutoSchema):
    """Adds what each view may answer besides success."""

    def get_override_parameters(self) -> list[Any]:
        """List the idempotency header on views that accept it."""
        return [IDEMPOTENCY_KEY] if getattr(self.view, "accepts_idempotency_key", False) else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction=direction)
        codes = {"400", "401", "403", "404", "405", "406", "409", "410", "415", "422", "429", "503"}
        for code in sorted(codes - set(bodies)):
            problem = OpenApiResponse(ProblemSerializer, description="Problem")
            bodies[code] = self._get_response_for_code(problem, code, media_types=["application/problem+json"])  # type: ignore[no-untyped-call]
        return bodies
