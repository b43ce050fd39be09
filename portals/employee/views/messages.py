"""The message queue, and mails that were kept in files."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from notifications import selectors as notification_selectors
from notifications import services as notification_services
from notifications import tasks as notification_tasks
from notifications.enums import NotificationStatus
from portals.employee.desk import IT, employee_view, page, told
from portals.shared import htmx
from portals.shared.numbers import number_of

PAGE = 50
ACTIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "retry": (notification_services.notification_retry, "The message to {address} is due again."),
    "cancel": (notification_services.notification_cancel, "The message to {address} is cancelled."),
    "mark-sent": (notification_services.notification_mark_sent, "The message to {address} is marked as sent."),
    "clear-address": (notification_services.address_clear, "Everything is mailed to {address} again."),
}


@require_safe
@employee_view(IT)
def notification_list(request: HttpRequest) -> HttpResponse:
    """List the queue, the latest first."""
    user: Any = request.user
    status = request.GET.get("status", "")
    status = status if status in NotificationStatus.values else ""
    text = request.GET.get("q", "").strip()[:200]
    before = number_of(request.GET.get("cursor", ""))
    found = notification_selectors.queue_list(actor=user, status=status, text=text, before=before, limit=PAGE + 1)
    figures = notification_selectors.queue_counts(actor=user)
    context = {
        "rows": found[:PAGE],
        "next_cursor": str(found[PAGE - 1].pk) if len(found) > PAGE else "",
        "is_later_page": before is not None,
        "status": status,
        "text": text,
        "figures": figures,
        "counts": figures.items(),
        "total": sum(number for _, _, number in figures.items()),
        "here": request.get_full_path(),
    }
    return page(request, "employee/notification_list.html", context)


@require_POST
@employee_view(IT)
def notification_act(request: HttpRequest, notification_id: int, action: str) -> HttpResponse:
    """Retry, cancel or mark one message as sent, or clear its address."""
    user: Any = request.user
    if action not in ACTIONS:
        raise Http404
    service, words = ACTIONS[action]
    row = service(actor=user, notification_id=notification_id, now=timezone.now())
    if action == "retry":
        notification_tasks.send_soon()
    told(request, words.format(address=row.address or "nobody"))
    here = request.POST.get("here", "")
    is_ours = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    return htmx.redirect_page(request, here if is_ours else reverse("employee:notification-list"))


BULK = {"retry": "Retry", "cancel": "Cancel", "mark-sent": "Mark as sent"}
DONE = {"retry": "due again", "cancel": "cancelled", "mark-sent": "marked as sent"}


@require_POST
@employee_view(IT)
def notification_bulk(request: HttpRequest) -> HttpResponse:
    """Say how many messages a move would touch (the ticked ones, or all of the search), then make it when confirmed."""
    user: Any = request.user
    given = request.POST
    move = given.get("move", "")
    is_all = given.get("scope") == "all"
    wanted: dict[str, Any] = {
        "actor": user,
        "move": move,
        "status": given.get("status", "") if given.get("status") in NotificationStatus.values else "",
        "text": given.get("q", "").strip()[:200],
        "ids": None if is_all else [number for one in given.getlist("id") if (number := number_of(one))],
    }
    query = urlencode({name: given[name] for name in ("status", "q") if given.get(name)})
    back = f"{reverse('employee:notification-list')}{'?' if query else ''}{query}"
    counts = notification_selectors.queue_movable_count(**wanted)
    if move not in BULK or not counts.found:
        messages.warning(request, "Tick the messages first, and choose what to do with them.")
        return htmx.redirect_page(request, back)
    if given.get("confirmed"):
        reason = given.get("reason", "").strip()[:300]
        outcome = notification_services.notifications_move(**wanted, now=timezone.now(), reason=reason)
        if move == "retry":
            notification_tasks.send_soon()
        told(request, _said(outcome, DONE[move]))
        return htmx.redirect_page(request, back)
    context = {
        "move": move,
        "verb": BULK[move],
        "counts": counts,
        "fixed": counts.found - counts.movable,
        "scope": "all" if is_all else "ticked",
        "ids": [] if is_all else wanted["ids"],
        "status": wanted["status"],
        "text": wanted["text"],
        "back": back,
    }
    return page(request, "employee/notification_bulk.html", context)


def _said(outcome: notification_services.BulkOutcome, what: str) -> str:
    said = f"{outcome.done} message{'' if outcome.done == 1 else 's'} {'is' if outcome.done == 1 else 'are'} {what}."
    if outcome.refused:
        said += f" {outcome.refused} moved on meanwhile and stay as they are."
    if outcome.left:
        said += f" {outcome.left} more are left: do it again."
    return said


@require_safe
@employee_view(IT)
def mail_list(request: HttpRequest) -> HttpResponse:
    """List kept mails, the latest first."""
    user: Any = request.user
    text = request.GET.get("q", "").strip()[:200]
    cursor = request.GET.get("cursor", "")
    found = notification_selectors.mail_list(actor=user, text=text, before=cursor, limit=PAGE + 1)
    context = {
        "mails": found[:PAGE],
        "next_cursor": found[PAGE - 1].name if len(found) > PAGE else "",
        "is_later_page": bool(cursor),
        "text": text,
        "are_files": notification_selectors.mails_are_files(),
    }
    return page(request, "employee/mail_list.html", context)


@require_safe
@employee_view(IT)
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show a mail as its receiver reads it, as text."""
    user: Any = request.user
    return page(request, "employee/mail_detail.html", {"mail": notification_selectors.mail_read(actor=user, name=name)})


@require_safe
@employee_view(IT)
def mail_attachment(request: HttpRequest, name: str, index: int) -> HttpResponse:
    """Give a mail's attachment as a file; never shown in the page, whatever it claims to be."""
    user: Any = request.user
    attachments = notification_selectors.mail_read(actor=user, name=name).attachments
    if index >= len(attachments):
        raise Http404
    response = HttpResponse(attachments[index].content, content_type="application/octet-stream")
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in attachments[index].name)
    response["Content-Disposition"] = f'attachment; filename="{safe or "attachment"}"'
    return response
