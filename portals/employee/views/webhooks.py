"""Webhook endpoints of all suppliers and of the platform, for IT; the pages are those of portals.shared.webhooks."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from portals.employee.desk import IT, employee_view, page
from portals.shared import webhooks


def _door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def entered(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, partial(page, request), *args, **kwargs)

    return wraps(view)(employee_view(IT)(entered))


patterns = webhooks.patterns(_door)
