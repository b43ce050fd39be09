"""
A booking on paper: what was booked, who flies, what comes back.

It is a record for its reader and opens no gate: a ticket is another document.
"""

from reportlab.platypus import Flowable, Table

from finance.pdf import sheet
from finance.pdf.sheet import figure, gap, small, text
from notifications.contents.facts import SaidSeat, SaidTrip
from notifications.contents.letter import Reader

_WORDS = {
    "en": {
        "file": "booking",
        "confirmed": "Booking",
        "cancelled": "Cancelled booking",
        "launch": "Launch",
        "supplier": "Supplier",
        "departure": "Departure",
        "yours": "Where you are",
        "from": "From",
        "seat": "Seat",
        "passenger": "Passenger",
        "price": "Price",
        "gone": "cancelled",
        "total": "Total",
        "refunded": "Paid back",
        "policy": "If your plans change",
        "note": "This paper is a record of your booking. It is not a ticket.",
        "dates": "Dates are as exact as they are known, at the spaceport.",
    },
    "es": {
        "file": "reserva",
        "confirmed": "Reserva",
        "cancelled": "Reserva cancelada",
        "launch": "Lanzamiento",
        "supplier": "Proveedor",
        "departure": "Salida",
        "yours": "En su zona horaria",
        "from": "Desde",
        "seat": "Asiento",
        "passenger": "Pasajero",
        "price": "Precio",
        "gone": "cancelado",
        "total": "Total",
        "refunded": "Devuelto",
        "policy": "Si cambian sus planes",
        "note": "Este documento es un resumen de su reserva. No es un billete.",
        "dates": "Las fechas son tan exactas como se conocen, en el puerto espacial.",
    },
}


def file_name(reference: str, reader: Reader) -> str:
    """Name the file: "booking-QK7M3P.pdf"."""
    return f"{_WORDS[reader.language]['file']}-{reference}.pdf"


def booking_pdf(trip: SaidTrip, reader: Reader) -> bytes:
    """Print a booking as it stands; the same booking gives the same bytes."""
    words = _WORDS[reader.language]
    sheet.fonts_register()
    is_over = trip.status == "cancelled"
    left = [(words["launch"], trip.title), (words["supplier"], trip.supplier)]
    right = [(words["departure"], trip.departure), (words["from"], trip.spaceport)]
    if trip.departure_for_reader:
        right.insert(1, (words["yours"], trip.departure_for_reader))
    story: list[Flowable] = [sheet.facts(left, right), gap(18), _seats(trip, words), gap(20)]
    if not is_over and trip.policy:
        story.append(text(words["policy"], fontName=sheet.STRONG))
        story += [text(f"• {line}") for line in trip.policy]
        story.append(gap(12))
    story += [small(words["note"]), small(words["dates"])]
    return sheet.build(
        kind=words["cancelled" if is_over else "confirmed"],
        code=trip.reference,
        subject=trip.title,
        story=story,
        language=reader.language,
    )


def _seats(trip: SaidTrip, words: dict[str, str]) -> Table:
    def row(seat: SaidSeat, price: str) -> list[Flowable]:
        return [text(seat.label, fontName=sheet.STRONG), text(seat.passenger), figure(price)]

    rows = [row(seat, seat.price) for seat in trip.seats]
    rows += [row(seat, words["gone"]) for seat in trip.cancelled_seats]
    sums = [("total", trip.total)] + ([("refunded", trip.refunded)] if trip.has_refund else [])
    rows += [
        [text(words[code], fontName=sheet.STRONG), text(""), figure(said, fontName=sheet.STRONG)] for code, said in sums
    ]
    head = [
        small(words["seat"]),
        small(words["passenger"]),
        figure(words["price"], fontSize=8.5, textColor=sheet.MUTED),
    ]
    return sheet.lines(head=head, rows=rows, widths=(0.18, 0.52, 0.3), foot=len(sums))
