"""Webhook endpoints of the supplier, for its owner and operators; the pages are those of portals.shared.webhooks."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from launches.selectors import Desk
from portals.shared import webhooks
from portals.supplier.desk import at_desk, page


def _door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def entered(request: HttpRequest, desk: Desk, /, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, partial(page, request, desk), *args, **kwargs)

    return wraps(view)(at_desk(entered))


patterns = webhooks.patterns(_door)
