"""One entry of the audit trail: what happened, what it changed, who and why, and its place in the chain."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from documents import audit_reading
from documents import selectors as document_selectors
from documents.errors import DocumentStoreUnavailable
from documents.records import AuditRecord
from documents.repositories import AuditTrail
from portals.employee.desk import FINANCE, IT, employee_view, has_role, page

# Pages about objects that are found by their number: kind, URL name, roles (none: every employee).
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "launch": ("employee:launch-detail", ()),
    "invoice": ("employee:invoice-detail", (FINANCE,)),
    "statement": ("employee:statement-detail", (FINANCE,)),
    "reconciliation": ("employee:reconciliation-run", (IT,)),
}


@require_safe
@employee_view()
def audit_entry(request: HttpRequest, key: str) -> HttpResponse:
    """Show an entry; IT sees every one, others those of what they did themselves."""
    user: Any = request.user
    is_it = has_role(request, IT)
    context: dict[str, Any] = {"is_it": is_it}
    try:
        entry = audit_reading.entry_get(key=key, actor_id=None if is_it else user.pk)
    except DocumentStoreUnavailable:
        return page(request, "employee/audit_entry.html", {**context, "is_away": True}, status=503)
    context |= {
        "entry": entry,
        "record": entry.record,
        "changes": [(_name(name), _said(was), _said(now)) for name, was, now in entry.changes],
        "values": [(_name(name), _said(value)) for name, value in entry.values],
        "about_url": _page_about(request, entry.record),
        "others": [(other, AuditTrail.key_of(other)) for other in entry.others],
        "key": key,
        "standing": document_selectors.audit_standing(),
    }
    return page(request, "employee/audit_entry.html", context)


def _page_about(request: HttpRequest, record: AuditRecord) -> str:
    """Return the address of the object's own page, '' when there is none that the reader may open."""
    if reference := record.payload.get("reference"):
        return reverse("employee:booking-detail", args=[reference]) if record.subject_kind == "booking" else ""
    name, roles = PAGES.get(record.subject_kind, ("", ()))
    if not name or not record.subject_id.isdigit() or not has_role(request, *roles):
        return ""
    return reverse(name, args=[record.subject_id])


def _name(field: str) -> str:
    return field.replace("_", " ").capitalize()


def _said(value: Any) -> str:
    """Say a value in plain words; what has parts, as JSON."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, default=str, ensure_ascii=False)
    return str(value)
