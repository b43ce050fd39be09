"""What happened: the system log and the audit trail, both in Logs MongoDB."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common import outbox_state
from common.context import Origin
from documents import audit_checks, audit_reading
from documents import selectors as document_selectors
from documents.errors import DocumentStoreUnavailable
from documents.records import AuditRecord
from documents.repositories import AuditTrail
from portals.employee.desk import IT, employee_view, page, told
from portals.employee.forms import AuditForm, LogForm
from portals.employee.subjects import subject_of
from portals.shared import doors, htmx

PAGE = 50
DAYS_SHOWN = 2


@require_safe
@employee_view(IT)
def log_list(request: HttpRequest) -> HttpResponse:
    """Search the system log; the search stands in the address."""
    today = timezone.now().date()
    form = LogForm({"day_from": today - timedelta(days=DAYS_SHOWN - 1), "day_to": today, **request.GET.dict()})
    context: dict[str, Any] = {"form": form, "lines": [], "today": today}
    if not form.is_valid():
        return page(request, "employee/log_list.html", context, status=422)
    cursor = request.GET.get("cursor", "")
    wanted = form.cleaned_data

    def read() -> list[Any]:
        return document_selectors.log_search(
            day_from=wanted["day_from"],
            day_to=wanted["day_to"],
            level=wanted["level"],
            text=wanted["q"],
            request_id=wanted["request_id"],
            before_key=cursor,
            limit=PAGE + 1,
        )

    found, is_away = _read(read)
    context |= {
        "lines": [(line, _pretty(line.extra)) for line in found[:PAGE]],
        "next_cursor": found[PAGE - 1].key if len(found) > PAGE else "",
        "is_later_page": bool(cursor),
        "is_away": is_away,
    }
    return page(request, "employee/log_list.html", context, fragment="rows", status=503 if is_away else 200)


@require_safe
@employee_view(IT)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Show the audit trail, or what happened to one object."""
    form = AuditForm(request.GET)
    cursor = request.GET.get("cursor", "")
    context: dict[str, Any] = {
        "form": form,
        "entries": [],
        "standing": document_selectors.audit_standing(),
        "is_worker_running": outbox_state.is_worker_running(),
    }
    kind, number = _subject(request, form)
    if form.errors:
        return page(request, "employee/audit_list.html", context, status=422)

    def read() -> list[Any]:
        wanted = {"kind": kind, "number": number, "limit": 200} if kind and number else {"limit": PAGE + 1}
        return document_selectors.audit_list(now=timezone.now(), before_key=cursor, **wanted)

    found, is_away = _read(read)
    has_more = not (kind and number) and len(found) > PAGE
    shown = found[:PAGE] if has_more else found
    context |= {
        "entries": [(entry, AuditTrail.key_of(entry), _changes(entry)) for entry in shown],
        "next_cursor": AuditTrail.key_of(shown[-1]) if has_more else "",
        "is_later_page": bool(cursor),
        "is_away": is_away,
        "is_narrowed": bool(kind and number),
    }
    return page(request, "employee/audit_list.html", context, fragment="rows", status=503 if is_away else 200)


@require_POST
@employee_view(IT)
@doors.translate_domain_errors(back_to="employee:audit-list")
def audit_check(request: HttpRequest) -> HttpResponse:
    """Have the audit trail checked; the outcome stands on its page."""
    user: Any = request.user
    audit_checks.check_request(origin=Origin.PORTAL, actor_id=user.pk, actor_email=user.email)
    told(request, "The audit trail is being checked. The outcome stands here in a moment.")
    return htmx.redirect_page(request, "employee:audit-list")


def _subject(request: HttpRequest, form: AuditForm) -> tuple[str, str]:
    """Return the kind and id that the form asks for, empty for all; what cannot be found is an error of the form."""
    if not form.is_valid():
        return "", ""
    user: Any = request.user
    wanted = form.cleaned_data
    if not wanted["q"]:
        return wanted["kind"], wanted["number"]
    found = subject_of(actor=user, text=wanted["q"])
    if found is None:
        form.add_error(
            "q",
            "There is nothing like this. Give the six characters of a booking, the web address of a launch or the "
            "e-mail of an account, in full.",
        )
    return found or ("", "")


def _changes(entry: AuditRecord) -> list[tuple[str, Any, Any]]:
    """Return the changed fields in words, each with what it was and what it is."""
    return [(name.replace("_", " "), was, is_now) for name, was, is_now in audit_reading.changes_of(entry)]


def _read(read: Callable[[], list[Any]]) -> tuple[list[Any], bool]:
    """Return what was read and whether the store is away; a made-up cursor finds nothing."""
    try:
        return read(), False
    except DocumentStoreUnavailable:
        return [], True
    except ValueError:
        return [], False


def _pretty(values: Any) -> str:
    return json.dumps(dict(values), indent=2, default=str, ensure_ascii=False) if values else ""
