"""The documents that go with messages. They are printed when the mail is sent, from the rows as they are then."""

from datetime import datetime
from functools import partial

from finance import pdf as finance_pdf
from finance import selectors as finance_selectors
from notifications.contents.confirmation import booking_pdf, file_name
from notifications.contents.facts import said_trip
from notifications.contents.letter import Facts, Paper, Reader

__all__ = ["booking_paper", "booking_pdf", "file_name", "invoice_paper", "statement_paper"]


def invoice_paper(facts: Facts, reader: Reader) -> Paper:
    """Return the invoice or credit note that a message is about; only if it is to whom the event says."""
    return Paper(name=f"{facts['code']}.pdf", make=partial(_invoice, facts, reader.language))


def _invoice(facts: Facts, language: str) -> bytes:
    invoice = finance_selectors.invoice_told(
        invoice_id=facts["invoice_id"], customer_id=facts.get("customer_id"), supplier_id=facts.get("supplier_id")
    )
    return finance_pdf.invoice_pdf(invoice, language)


def statement_paper(facts: Facts) -> Paper:
    """Return the statement that a message is about; only if it is to the supplier that the event names."""
    return Paper(name=f"statement-{facts['launch_id']}.pdf", make=partial(_statement, facts))


def _statement(facts: Facts) -> bytes:
    statement = finance_selectors.statement_told(statement_id=facts["statement_id"], supplier_id=facts["supplier_id"])
    return finance_pdf.statement_pdf(statement)


def booking_paper(facts: Facts, reader: Reader) -> Paper:
    """Return the confirmation of a booking as it stands; what comes back is said as of the event, in every attempt."""
    at = datetime.fromisoformat(facts["occurred_at"])
    return Paper(
        name=file_name(facts["reference"], reader),
        make=lambda: booking_pdf(said_trip(booking_id=facts["booking_id"], reader=reader, now=at), reader),
    )
