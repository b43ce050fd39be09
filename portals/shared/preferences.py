"""The page where people choose what they get by mail; the same in the three portals."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.enums import Language
from common.errors import InvalidInput
from notifications import selectors as notification_selectors
from notifications import services as notification_services
from portals.shared import doors
from portals.shared.htmx import redirect_page
from portals.shared.words import WORDS

Render = Callable[[dict[str, Any]], HttpResponse]


def preferences_page(request: HttpRequest, *, render: Render, here: str) -> HttpResponse:
    """
    Show the choices of the reader, or keep those that were sent: the topics that are ticked stay on.

    Args:
        render: draws the portal's page, which includes `shared/components/preferences.html`.
        here: the page's named URL.
    """
    user: Any = request.user
    if request.method == "POST":
        on = set(request.POST.getlist("on"))
        shown = notification_selectors.preferences_list(user=user)
        off = [item.topic.code for item in shown if not item.topic.is_required and item.topic.code not in on]
        try:
            notification_services.preferences_change(user=user, off=off, now=timezone.now())
        except InvalidInput as error:
            doors.errors_to_messages(request, error)
        else:
            messages.success(request, WORDS[user.language]["saved"])
        return redirect_page(request, here)
    choices = notification_selectors.preferences_list(user=user)
    return render(
        {
            "optional": [item for item in choices if not item.topic.is_required],
            "required": [item for item in choices if item.topic.is_required],
            "language": Language(user.language).label,
        }
    )
