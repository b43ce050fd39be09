"""Switch off the mails of a topic with the link of a mail: a page for people, one POST for mail programs (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import selectors, services


@never_cache
@csrf_exempt  # mail programs send no token of ours; the link itself is the proof, and switches mails off or on only
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Ask on GET, for mail scanners open every link; switch off on POST, or on again when `on` is sent.

    Reads no session and signs nobody in. A link that is not ours answers 404.
    """
    if request.method != "POST":
        return _page(request, selectors.link_view(token=token), is_done=False)
    is_on = bool(request.POST.get("on"))
    view = services.topic_switch_by_link(token=token, is_on=is_on, now=timezone.now())
    return _page(request, view, is_done=True)


def _page(request: HttpRequest, view: selectors.LinkView, *, is_done: bool) -> HttpResponse:
    template = f"notifications/unsubscribe/{view.language}.html"
    return TemplateResponse(request, template, {"view": view, "is_done": is_done})
