"""Who flies on a launch, on a page and as a file."""

import csv
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import selectors as booking_selectors
from common.errors import Forbidden
from launches import selectors as launch_selectors
from launches.selectors import Desk
from portals.supplier.desk import at_desk, page

# What spreadsheet programs take for the beginning of a formula.
_PHONE = re.compile(r"\+[0-9]{7,15}")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADINGS = ("Seat", "Passenger", "Date of birth", "E-mail", "Phone", "Booking", "State")


@require_safe
@at_desk
def manifest(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Show the passengers by seat."""
    launch, rows = _manifest(request, desk, launch_id)
    labelled = [list(zip(HEADINGS, row, strict=True)) for row in rows]  # a phone shows a row as a card
    context = {"launch": launch, "headings": HEADINGS, "rows": labelled, "at": timezone.now()}
    return page(request, desk, "supplier/manifest.html", context)


@require_safe
@at_desk
def manifest_csv(request: HttpRequest, desk: Desk, launch_id: int) -> HttpResponse:
    """Give exactly what the page shows as a file for spreadsheet programs."""
    launch, rows = _manifest(request, desk, launch_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="manifest-{launch.slug}.csv"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")  # else spreadsheet programs misread accents
    writer = csv.writer(response)
    writer.writerow(HEADINGS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return response


def _manifest(request: HttpRequest, desk: Desk, launch_id: int) -> tuple[Any, list[tuple[str, ...]]]:
    user: Any = request.user
    launch = launch_selectors.launch_get_for_supplier(actor=user, launch_id=launch_id)
    if not desk.may_see_manifest:
        raise Forbidden("The manifest shows passengers' particulars. It is for owners, operators and the gate.")
    rows: list[tuple[str, ...]] = [
        (
            person.seat_label,
            person.full_name,
            person.birth_date.isoformat(),
            person.email,
            person.phone,
            person.booking.reference,
            person.booking.get_status_display(),
        )
        for person in booking_selectors.manifest(launch_id=launch_id)
    ]
    return launch, rows


def _harmless(cell: str) -> str:
    """Keep a text from being run as a formula; a phone number, though it begins with a plus, can do no harm."""
    if _PHONE.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_SIGNS) else cell
