"""
Pages of webhook endpoints, which suppliers and IT share: each portal lets its people in and shows them in its frame.

A view here gets the request and `show`, which renders a template in the portal's frame; addresses are those of the
portal that the request came through.
"""

from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.urls import URLPattern, path

from portals.shared.webhooks import deliveries, endpoints

Door = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]
_DELIVERY = "<uuid:endpoint_id>/deliveries/<id:delivery_id>/"
_ROUTES: tuple[tuple[str, Callable[..., HttpResponse], str], ...] = (
    ("", endpoints.webhook_list, "webhook-list"),
    ("new/", endpoints.webhook_new, "webhook-new"),
    ("<uuid:endpoint_id>/", endpoints.webhook_detail, "webhook-detail"),
    ("<uuid:endpoint_id>/edit/", endpoints.webhook_edit, "webhook-edit"),
    ("<uuid:endpoint_id>/secret/", endpoints.webhook_secret, "webhook-secret"),
    ("<uuid:endpoint_id>/remove/", endpoints.webhook_remove, "webhook-remove"),
    ("<uuid:endpoint_id>/replay/", deliveries.webhook_replay, "webhook-replay"),
    ("<uuid:endpoint_id>/do/<slug:action>/", endpoints.webhook_act, "webhook-act"),
    (_DELIVERY, deliveries.delivery_detail, "webhook-delivery"),
    (_DELIVERY + "do/<slug:action>/", deliveries.delivery_act, "webhook-delivery-act"),
)


def patterns(door: Door) -> Sequence[URLPattern]:
    """Return the addresses for a portal; its `door` lets people in and gives the view `show`."""
    return [path(f"webhooks/{route}", door(view), name=name) for route, view, name in _ROUTES]
