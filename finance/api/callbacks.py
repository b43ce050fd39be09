"""The door for payment gateways: no sign-in, the message's signature is the proof."""

import logging
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import clock
from common.errors import NotFound
from common.web.problems import problem
from finance import errors, services

log = logging.getLogger(__name__)
BODY_MAX = 256 * 1024  # bytes; the largest messages of Stripe are a few dozen KB


class CallbackOutput(serializers.Serializer[Any]):
    received = serializers.BooleanField()
    is_known = serializers.BooleanField(help_text="false: kept until we know what it is about")


class CallbackView(APIView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="payment_callback_receive",
        tags=["payments"],
        summary="Take a signed message of a payment gateway",
        description="Answered with 202 whatever it says, with 400 when it is not signed by the gateway.",
        request={"application/json": OpenApiTypes.OBJECT},
        responses={202: CallbackOutput},
        auth=[],
    )
    def post(self, request: Request, gateway: str) -> Response:
        body = request._request.read(BODY_MAX + 1)  # as it came: the signature is over its bytes
        if len(body) > BODY_MAX:
            raise exceptions.ParseError("A message has a body of at most 256 KB.")
        try:
            kept = services.callback_receive(name=gateway, headers=request.headers, body=body, now=clock.now())
        except errors.GatewayUnavailable as error:
            raise NotFound from error
        except errors.CallbackForged as error:
            log.warning("A forged message for the gateway %s was refused.", gateway)
            refusal = problem(status=400, code=error.code, detail=error.message)
            return Response(refusal, status=400, content_type="application/problem+json")
        return Response({"received": True, "is_known": kept.handled_at is not None}, status=202)
