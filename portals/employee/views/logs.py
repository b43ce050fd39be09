"""What happened: the system log and the audit trail, both in Logs MongoDB."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from documents.errors import DocumentStoreUnavailable
from documents.repositories import AuditTrail, SystemLog
from portals.employee.desk import IT, employee_view, page
from portals.employee.forms import AuditForm, LogForm

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
        return SystemLog.search(
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
    context: dict[str, Any] = {"form": form, "entries": []}
    if not form.is_valid():
        return page(request, "employee/audit_list.html", context, status=422)
    kind, number = form.cleaned_data["kind"], form.cleaned_data["number"]

    def read() -> list[Any]:
        if kind and number:
            return AuditTrail.of_object(kind, number)
        return AuditTrail.latest(limit=PAGE + 1, until=timezone.now() + timedelta(minutes=1), before=cursor)

    found, is_away = _read(read)
    has_more = not (kind and number) and len(found) > PAGE
    shown = found[:PAGE] if has_more else found
    context |= {
        "entries": [(entry, _pretty(entry.payload)) for entry in shown],
        "next_cursor": AuditTrail.key_of(shown[-1]) if has_more else "",
        "is_later_page": bool(cursor),
        "is_away": is_away,
        "is_narrowed": bool(kind and number),
    }
    return page(request, "employee/audit_list.html", context, fragment="rows", status=503 if is_away else 200)


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
