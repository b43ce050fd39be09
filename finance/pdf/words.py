"""The words of customers' invoices and credit notes, in each language. Numbers and amounts are the same in all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.dates import departure_text
from launches import selectors as launch_selectors

ENGLISH = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "from": "From",
    "to": "To",
    "for_supplier": "For the supplier",
    "tax_id": "Tax id",
    "number": "Number",
    "date": "Date",
    "corrects": "Corrects",
    "corrects_of": "{code} of {day}",
    "due": "Due",
    "launch": "Launch",
    "currency": "Currency",
    "booking": "Booking",
    "what": "What",
    "amount": "Amount, {currency}",
    "net": "Net",
    "tax": "Tax, {percent} %",
    "total": "Total",
    "total_said": "{currency} {amount}",
    "paid": "Paid by card. There is nothing left to pay.",
    "credited": "The amount goes back to the card it was paid with, or lowers what a move to another launch costs.",
    "issued_by": "Issued by {company}, who sells and collects for the supplier.",
    "dates": "Dates are as exact as they were known on the day of this invoice, at the spaceport.",
    "no_tax": "No tax is charged.",
}
SPANISH = {
    "invoice": "Factura",
    "credit_note": "Nota de crédito",
    "from": "De",
    "to": "Para",
    "for_supplier": "Por cuenta del proveedor",
    "tax_id": "Id. fiscal",
    "number": "Número",
    "date": "Fecha",
    "corrects": "Rectifica",
    "corrects_of": "{code} del {day}",
    "due": "Vence",
    "launch": "Lanzamiento",
    "currency": "Moneda",
    "booking": "Reserva",
    "what": "Concepto",
    "amount": "Importe, {currency}",
    "net": "Base imponible",
    "tax": "Impuesto, {percent} %",
    "total": "Total",
    "total_said": "{amount} {currency}",
    "paid": "Pagada con tarjeta. No queda nada por pagar.",
    "credited": "El importe vuelve a la tarjeta con la que se pagó, o rebaja lo que cuesta el cambio de lanzamiento.",
    "issued_by": "Emitida por {company}, que vende y cobra por cuenta del proveedor.",
    "dates": "Las fechas son tan exactas como se conocían el día de esta factura, en el puerto espacial.",
    "no_tax": "No se aplican impuestos.",
}
WORDS = {"en": ENGLISH, "es": SPANISH}
# Reasons of refunds that the system itself gives; those of launches are launches' to say, those of people stay.
_REASONS = {
    "cancelled": "cancelada",
    "the departure was moved, and you chose to leave": "la salida cambió y usted eligió renunciar",
}
_GOODWILL = "goodwill, "


def line_said(line: Mapping[str, Any], language: str) -> tuple[str, str]:
    """
    Return the text and the detail of a line.

    In English they are what was written when it was issued; so they are of lines from before values were kept.
    """
    values = line.get("values")
    if language != "es" or not values:
        return line["text"], line.get("detail", "")
    if "rocket" in values:
        return _flight_said(values, language)
    lowers = f"rebaja la factura {values['lowers']}"
    if "moved_to" in values:
        return f"Cambiado a otro lanzamiento, véase la factura {values['moved_to']}", lowers
    return f"Reembolso: {_reason_said(values['reason'], language)}", lowers


def _flight_said(values: Mapping[str, str], language: str) -> tuple[str, str]:
    title = launch_selectors.title_said(rocket=values["rocket"], destination=values["destination"], language=language)
    at = datetime.fromisoformat(values["departure_at"])
    departure = departure_text(at, values["departure_precision"], values["time_zone"], language)
    seats = f"Asiento {values['seat']}" if values["seat"] else "Asientos"
    return f"{seats}, {title}", f"salida: {departure}"


def _reason_said(reason: str, language: str) -> str:
    if reason.startswith(_GOODWILL):
        return f"cortesía, {reason.removeprefix(_GOODWILL)}"
    return _REASONS.get(reason) or launch_selectors.reason_said(reason=reason, language=language)
