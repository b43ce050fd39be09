"""Messages about what suppliers and the platform owe each other."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finance import selectors as finance_selectors
from launches.enums import LaunchStatus
from notifications import links
from notifications.contents.facts import said_day, said_launch, said_money
from notifications.contents.letter import Facts, Letter, Paper, Reader
from notifications.contents.papers import invoice_paper, statement_paper
from notifications.contents.phrases import phrase
from notifications.errors import NoLongerApplies


def supplier_invoice_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a supplier's money people of an invoice, and whether anything is to be paid."""
    return _letter(
        _invoice(facts, reader),
        links.supplier_invoice(facts["invoice_id"]),
        "open_invoice",
        reader,
        invoice_paper(facts, reader),
    )


def staff_supplier_invoice_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance of it."""
    return _letter(_invoice(facts, reader), links.employee_invoice(facts["invoice_id"]), "open_invoice", reader)


def supplier_invoice_overdue(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Remind a supplier of what is still to be paid."""
    return _letter(
        _overdue(facts, reader),
        links.supplier_invoice(facts["invoice_id"]),
        "open_invoice",
        reader,
        invoice_paper(facts, reader),
    )


def staff_invoice_overdue(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance that it was reminded of."""
    return _letter(_overdue(facts, reader), links.employee_invoice(facts["invoice_id"]), "open_invoice", reader)


def staff_day_summed_up(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance what customers were billed and credited on a day, and which cards were declined."""
    figures = [
        (
            phrase(f"day_{one['what']}", reader),
            f"{one['count']}, {said_money(one['amount'], one['currency'], reader)}",
        )
        for one in facts["figures"]
    ]
    values = {"day": said_day(date.fromisoformat(facts["day"]), reader), "figures": figures}
    return _letter(values, links.employee_invoices(), "open_invoices", reader)


def supplier_statement_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a supplier's money people of a statement and its payout."""
    return _letter(
        _statement(facts, reader),
        links.supplier_statement(facts["statement_id"]),
        "open_statement",
        reader,
        statement_paper(facts),
    )


def staff_statement_issued(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance of it."""
    return _letter(_statement(facts, reader), links.employee_statement(facts["statement_id"]), "open_statement", reader)


def supplier_paid_out(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a supplier's money people that the payout left."""
    return _letter(_statement(facts, reader), links.supplier_statement(facts["statement_id"]), "open_statement", reader)


def _invoice(facts: Facts, reader: Reader) -> dict[str, Any]:
    return {
        "launch": said_launch(launch_id=facts["launch_id"], reader=reader),
        "code": facts["code"],
        "amount": said_money(facts["amount"], facts["currency"], reader),
        "open": said_money(facts["open_amount"], facts["currency"], reader),
        "due": said_day(date.fromisoformat(facts["due_on"]), reader),
        "is_kept": facts.get("is_kept", False),
    }


def _overdue(facts: Facts, reader: Reader) -> dict[str, Any]:
    if not finance_selectors.invoice_is_unpaid(invoice_id=facts["invoice_id"]):
        raise NoLongerApplies("The invoice is paid by now.")
    return _invoice(facts, reader)


def _statement(facts: Facts, reader: Reader) -> dict[str, Any]:
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    payout = Decimal(facts["payout_amount"])
    return {
        "launch": launch,
        "payout": said_money(facts["payout_amount"], facts["currency"], reader),
        "is_payable": payout > 0,
        "is_owed": payout < 0,
        "is_flown": launch.status == LaunchStatus.LAUNCHED,
        "is_aborted": launch.status == LaunchStatus.ABORTED,
    }


def _letter(values: dict[str, Any], path: str, label: str, reader: Reader, *papers: Paper) -> Letter:
    return Letter(values=values, link=path, action_label=phrase(label, reader), action_path=path, papers=papers)
