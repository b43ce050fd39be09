"""The words of messages: the list of templates, the editor, and previews in a sandbox."""

from collections.abc import Callable
from typing import Any, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from notifications import selectors as notification_selectors
from notifications import services as notification_services
from notifications.selectors import WordingView
from notifications.wordings import Words
from portals.employee.desk import IT, employee_view, page, told
from portals.employee.forms import WordingForm
from portals.shared import doors, htmx
from portals.shared.numbers import number_of

SHOWN = {"draft": "Draft", "in-use": "In use", "shipped": "Shipped"}
# A mail has its own look and no power: no script, no form, no address of its own, no picture from elsewhere.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": True,
}
# Typed by hand: the package's own types know no views with arguments.
Policy = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]
with_frames = cast(Policy, csp_update({"frame-src": [SELF]}))
without_power = cast(Policy, csp(MAIL_POLICY))


@require_safe
@employee_view(IT)
def template_list(request: HttpRequest) -> HttpResponse:
    """List the templates of all messages."""
    user: Any = request.user
    context = {
        "lines": notification_selectors.template_list(actor=user),
        "languages": notification_selectors.languages(),
    }
    return page(request, "employee/template_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_frames
@employee_view(IT)
def wording_detail(request: HttpRequest, template: str, language: str) -> HttpResponse:
    """Show a template's words on real data, and edit their draft; an earlier version may begin it (`from`)."""
    user: Any = request.user
    view = notification_selectors.wording_view(actor=user, template=template, language=language)
    if request.method == "POST":
        return _draft_take(request, view)
    return _show(request, view, WordingForm(initial=_initial(view, request.GET.get("from", ""))))


def _initial(view: WordingView, number: str) -> dict[str, str]:
    words, note = view.words, view.draft.note if view.draft else ""
    if number:
        earlier = next((row for row in view.history if row.number == number_of(number) and not row.is_shipped), None)
        if earlier is None:
            raise Http404
        words = Words(subject=earlier.subject, text=earlier.text, html=earlier.html)
        note = f"As in version {number}"
    return {
        "subject": words.subject.strip(),
        "text": words.text,
        "html": words.html,
        "note": note,
        "seen": view.draft.stamp if view.draft else "",
    }


def _draft_take(request: HttpRequest, view: WordingView) -> HttpResponse:
    user: Any = request.user
    form = WordingForm(request.POST)
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            notification_services.wording_draft_save(
                actor=user,
                template=view.template,
                language=view.language,
                words=Words(subject=given["subject"], text=given["text"], html=given["html"]),
                note=given["note"],
                seen=given["seen"],
                now=timezone.now(),
            )
        except DomainError as error:
            status = doors.refused(form, error)
        else:
            messages.success(request, "The draft is saved. Look at it here, send yourself a test, then publish it.")
            return htmx.redirect_page(request, f"{_address(view)}?show=draft")
    return _show(request, view, form, status=status)


def _show(request: HttpRequest, view: WordingView, form: WordingForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    choices = view.choices()
    shown = request.GET.get("show", "")
    shown = shown if shown in choices else choices[0]
    found = notification_selectors.wording_preview(view=view, which=shown, now=now)
    values = notification_selectors.wording_values(view=view, now=now)
    context = {
        "view": view,
        "form": form,
        "languages": [(code, label, code == view.language) for code, label in notification_selectors.languages()],
        "choices": [(code, SHOWN[code]) for code in choices],
        "shown": shown,
        "preview": None if isinstance(found, str) else found,
        "broken": found if isinstance(found, str) else "",
        "values": values,
        "unknown": notification_selectors.wording_unknown(view=view, which=shown, values=values),
    }
    return page(request, "employee/wording_detail.html", context, status=status)


@require_safe
@never_cache
@xframe_options_sameorigin
@without_power
@employee_view(IT)
def wording_preview(request: HttpRequest, template: str, language: str, which: str) -> HttpResponse:
    """Give the HTML part alone, for the frame in the page."""
    user: Any = request.user
    view = notification_selectors.wording_view(actor=user, template=template, language=language)
    found = notification_selectors.wording_preview(view=view, which=which, now=timezone.now())
    if isinstance(found, str):
        return HttpResponse(found, content_type="text/plain; charset=utf-8")
    return HttpResponse(found.said.html)


@require_POST
@employee_view(IT)
def wording_test(request: HttpRequest, template: str, language: str, which: str) -> HttpResponse:
    """Send the words to the reader as a test."""
    user: Any = request.user
    view = notification_selectors.wording_view(actor=user, template=template, language=language)
    notification_services.wording_test_send(
        actor=user, template=template, language=language, words=view.words_shown(which), now=timezone.now()
    )
    messages.success(request, f"A test mail is on its way to {user.email}.")
    return htmx.redirect_page(request, f"{_address(view)}?show={which}")


@require_POST
@employee_view(IT)
def wording_publish(request: HttpRequest, template: str, language: str) -> HttpResponse:
    """Put the draft into use."""
    user: Any = request.user
    row = notification_services.wording_publish(
        actor=user, template=template, language=language, seen=request.POST.get("seen", ""), now=timezone.now()
    )
    told(request, f"Version {row.number} is in use. Messages are written in it from now on.")
    return htmx.redirect_page(request, "employee:wording-detail", template, language)


@require_POST
@employee_view(IT)
def wording_discard(request: HttpRequest, template: str, language: str) -> HttpResponse:
    """Throw the draft away."""
    user: Any = request.user
    notification_services.wording_draft_discard(actor=user, template=template, language=language)
    messages.success(request, "The draft is gone. The words in use stay as they are.")
    return htmx.redirect_page(request, "employee:wording-detail", template, language)


@require_POST
@employee_view(IT)
def wording_reset(request: HttpRequest, template: str, language: str) -> HttpResponse:
    """Go back to the shipped words."""
    user: Any = request.user
    notification_services.wording_reset(
        actor=user, template=template, language=language, note=request.POST.get("note", ""), now=timezone.now()
    )
    told(request, "The shipped words are in use again. Earlier versions stay in the history.")
    return htmx.redirect_page(request, "employee:wording-detail", template, language)


def _address(view: WordingView) -> str:
    return reverse("employee:wording-detail", args=[view.template, view.language])
