"""
Suppliers and IT manage endpoints; one set of views, told apart by who may enter.

No answer here is remembered under an Idempotency-Key: those that matter carry a secret, which PostgreSQL never holds.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import SignedInRequest
from common import clock
from common.keyset import Page
from common.web.api import read_input, read_limit
from notifications.webhooks import selectors, services, tasks
from notifications.webhooks.api import bodies

CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100 entries a page")

F = TypeVar("F", bound=Callable[..., Any])


def patterns(audience: str, permission: type[BasePermission]) -> list[URLPattern]:
    """
    Return the addresses below /api/v1/<audience>/.

    The views are made here for each audience, for the schema names an operation by the class it belongs to.
    """

    def schema(name: str, summary: str, **more: Any) -> Callable[[F], F]:
        return extend_schema(operation_id=f"{audience}_{name}", tags=[audience], summary=summary, **more)

    class View(APIView):
        permission_classes = (permission,)

    class EventTypeListView(View):
        @schema("webhook_event_list", "List the events that can be chosen", responses=bodies.EventTypeListOutput)
        def get(self, request: SignedInRequest) -> Response:
            found = selectors.event_type_list(actor=request.user)
            return Response({"results": [bodies.event_type_body(one) for one in found]})

    class EndpointListView(View):
        @schema(
            "webhook_list",
            "List webhook endpoints, the latest first",
            parameters=[bodies.EndpointFilters, CURSOR, LIMIT],
            responses=bodies.EndpointListOutput,
        )
        def get(self, request: SignedInRequest) -> Response:
            given = read_input(bodies.EndpointFilters, request.query_params.dict())
            found = selectors.endpoint_list(actor=request.user, **given, **_paging(request))
            return _page(found, bodies.endpoint_body)

        @schema(
            "webhook_create",
            "Make an endpoint; its secret is shown in this answer alone",
            request=bodies.EndpointInput,
            responses={201: bodies.EndpointMadeOutput},
        )
        def post(self, request: SignedInRequest) -> Response:
            given = read_input(bodies.EndpointInput, request.data)
            made = services.endpoint_create(actor=request.user, now=clock.now(), **given)
            return _not_stored({**_endpoint(request, made.endpoint.pk), "secret": made.secret})

    class EndpointDetailView(View):
        @schema("webhook_read", "Read an endpoint and how it is doing", responses=bodies.EndpointOutput)
        def get(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            return Response(_endpoint(request, endpoint_id))

        @schema(
            "webhook_update",
            "Change its address, events or description",
            request=bodies.EndpointChangeInput,
            responses=bodies.EndpointOutput,
        )
        def patch(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            given = read_input(bodies.EndpointChangeInput, request.data)
            services.endpoint_change(actor=request.user, endpoint_id=endpoint_id, now=clock.now(), **given)
            tasks.send_soon()  # a new address is tried at once
            return Response(_endpoint(request, endpoint_id))

        @schema("webhook_delete", "Remove it; what waits is never sent", responses={204: None})
        def delete(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            services.endpoint_remove(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            return Response(status=204)

    class SecretView(View):
        @schema(
            "webhook_secret_create",
            "Make a new secret; for 24 hours the old one signs too",
            request=None,
            responses={201: bodies.SecretOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            made = services.endpoint_rotate_secret(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            return _not_stored({"secret": made.secret, "old_signs_until": made.endpoint.previous_secret_until})

    class PauseView(View):
        @schema(
            "webhook_pause_create",
            "Pause it; what happens meanwhile waits",
            request=None,
            responses={201: bodies.EndpointOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            services.endpoint_pause(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            return Response(_endpoint(request, endpoint_id), status=201)

    class ResumptionView(View):
        @schema(
            "webhook_resumption_create",
            "Resume it, beginning with what waited",
            request=None,
            responses={201: bodies.EndpointOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            services.endpoint_resume(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            tasks.send_soon()
            return Response(_endpoint(request, endpoint_id), status=201)

    class AttemptView(View):
        @schema(
            "webhook_attempt_create",
            "Try a failing endpoint now",
            request=None,
            responses={202: bodies.EndpointOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            services.endpoint_retry_now(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            tasks.send_soon()
            return Response(_endpoint(request, endpoint_id), status=202)

    class TestEventView(View):
        @schema(
            "webhook_test_event_create",
            "Have a test event sent, once, also to a paused endpoint",
            request=None,
            responses={202: bodies.DeliveryOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            delivery = services.endpoint_test(actor=request.user, endpoint_id=endpoint_id, now=clock.now())
            tasks.send_soon()
            return Response(bodies.delivery_body(delivery), status=202)

    class ReplayListView(View):
        @schema(
            "webhook_replay_create",
            "Send again what was given up, or everything, since an instant",
            request=bodies.ReplayInput,
            responses={202: bodies.ReplayOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            given = read_input(bodies.ReplayInput, request.data)
            count = services.deliveries_replay(actor=request.user, endpoint_id=endpoint_id, now=clock.now(), **given)
            tasks.send_soon()
            return Response({"count": count}, status=202)

    class DeliveryListView(View):
        @schema(
            "webhook_delivery_list",
            "Read the log, the latest first",
            parameters=[bodies.DeliveryFilters, CURSOR, LIMIT],
            responses=bodies.DeliveryListOutput,
        )
        def get(self, request: SignedInRequest, endpoint_id: UUID) -> Response:
            given = read_input(bodies.DeliveryFilters, request.query_params.dict())
            found = selectors.delivery_list(actor=request.user, endpoint_id=endpoint_id, **given, **_paging(request))
            return _page(found, bodies.delivery_body)

    class DeliveryDetailView(View):
        @schema(
            "webhook_delivery_read",
            "Read a delivery with what is sent and every attempt",
            responses=bodies.DeliveryDetailOutput,
        )
        def get(self, request: SignedInRequest, endpoint_id: UUID, delivery_id: int) -> Response:
            found = selectors.delivery_get(actor=request.user, endpoint_id=endpoint_id, delivery_id=delivery_id)
            return Response(bodies.delivery_detail_body(*found))

    class DeliveryReplayView(View):
        @schema(
            "webhook_delivery_replay_create",
            "Send one again, with the same id",
            request=None,
            responses={202: bodies.DeliveryOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID, delivery_id: int) -> Response:
            delivery = services.delivery_replay(
                actor=request.user, endpoint_id=endpoint_id, delivery_id=delivery_id, now=clock.now()
            )
            tasks.send_soon()
            return Response(bodies.delivery_body(delivery), status=202)

    class DeliverySkipView(View):
        @schema(
            "webhook_delivery_skip_create",
            "Leave a waiting one out, so that those behind it go on",
            request=None,
            responses={201: bodies.DeliveryOutput},
        )
        def post(self, request: SignedInRequest, endpoint_id: UUID, delivery_id: int) -> Response:
            delivery = services.delivery_skip(
                actor=request.user, endpoint_id=endpoint_id, delivery_id=delivery_id, now=clock.now()
            )
            tasks.send_soon()
            return Response(bodies.delivery_body(delivery), status=201)

    one, delivery = "webhooks/<uuid:endpoint_id>/", "webhooks/<uuid:endpoint_id>/deliveries/<id:delivery_id>/"
    return [
        path("webhook-events/", EventTypeListView.as_view()),
        path("webhooks/", EndpointListView.as_view()),
        path(one, EndpointDetailView.as_view()),
        path(f"{one}secret/", SecretView.as_view()),
        path(f"{one}pause/", PauseView.as_view()),
        path(f"{one}resumption/", ResumptionView.as_view()),
        path(f"{one}attempt/", AttemptView.as_view()),
        path(f"{one}test-events/", TestEventView.as_view()),
        path(f"{one}replays/", ReplayListView.as_view()),
        path(f"{one}deliveries/", DeliveryListView.as_view()),
        path(delivery, DeliveryDetailView.as_view()),
        path(f"{delivery}replay/", DeliveryReplayView.as_view()),
        path(f"{delivery}skip/", DeliverySkipView.as_view()),
    ]


def _endpoint(request: SignedInRequest, endpoint_id: UUID) -> dict[str, Any]:
    return bodies.endpoint_body(selectors.endpoint_get(actor=request.user, endpoint_id=endpoint_id))


def _paging(request: SignedInRequest) -> dict[str, Any]:
    return {"cursor": request.query_params.get("cursor", ""), "limit": read_limit(request)}


def _page(found: Page, body: Any) -> Response:
    return Response({"results": [body(row) for row in found.rows], "next_cursor": found.next_cursor})


def _not_stored(body: dict[str, Any]) -> Response:
    return Response(body, status=201, headers={"Cache-Control": "no-store"})
