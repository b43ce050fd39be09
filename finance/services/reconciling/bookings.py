"""
Bookings against their money: ledger, price, invoices.

Bookings are looked at in chunks by id; what differs is looked at again after a moment, one booking at a time, under the
locks of its payments and itself. What still has an event on its way to finance is left alone: it is not done yet.
"""

import logging
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction

from common import outbox_delivery
from common.errors import DomainError
from common.models import OutboxEvent
from common.money import format_money
from finance.enums import MoneyDifference, RefundCause
from finance.models import Invoice, Refund
from finance.services import invoices, refunds
from finance.services.reconciling import entries
from finance.services.reconciling.findings import Finding, Report

log = logging.getLogger(__name__)
CHUNK = 5000
SETTLE_UP_TO = 20  # waiting a moment is worth it for a few differences; hundreds are no coincidence
ROUNDS = 3  # one repair can bring the next difference to light: an invoice, then its credit note

_IDS = "SELECT id FROM bookings_booking WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
_IDS_OF_DAY = """
SELECT id FROM bookings_booking WHERE id > %(after)s AND id IN (
    SELECT booking_id FROM finance_payment WHERE created_at >= %(since)s AND created_at < %(until)s
    UNION SELECT booking_id FROM finance_payment WHERE settled_at >= %(since)s AND settled_at < %(until)s
    UNION SELECT booking_id FROM finance_refund WHERE created_at >= %(since)s AND created_at < %(until)s
    UNION SELECT booking_id FROM finance_refund WHERE settled_at >= %(since)s AND settled_at < %(until)s
    UNION SELECT booking_id FROM finance_ledgermovement WHERE recorded_at >= %(since)s AND recorded_at < %(until)s
    UNION SELECT booking_id FROM finance_invoice WHERE issued_on = %(since)s::date
    UNION SELECT id FROM bookings_booking WHERE confirmed_at >= %(since)s AND confirmed_at < %(until)s
    UNION SELECT id FROM bookings_booking WHERE cancelled_at >= %(since)s AND cancelled_at < %(until)s
) ORDER BY id LIMIT %(limit)s
"""
_STANDING = """
SELECT * FROM (
    SELECT b.id, b.reference, b.status, b.leg, b.price_currency AS currency, b.price_amount - b.refund_amount AS kept,
           b.price_amount AS price, b.refund_amount AS promised,
           coalesce((SELECT sum(p.amount) FROM finance_payment p WHERE p.booking_id = b.id AND p.status = 'succeeded'
               AND NOT EXISTS (SELECT 1 FROM finance_refund l WHERE l.dedupe_key = 'late:' || p.id)), 0) AS collected,
           coalesce((SELECT sum(r.amount) FROM finance_refund r WHERE r.booking_id = b.id
               AND r.dedupe_key NOT LIKE 'late:%%'), 0) AS refunded,
           coalesce((SELECT sum(i.amount) FROM finance_invoice i WHERE i.booking_id = b.id AND i.kind = 'customer'
               AND i.status <> 'cancelled'), 0) AS invoiced,
           coalesce((SELECT sum(i.amount) FROM finance_invoice i WHERE i.booking_id = b.id AND i.kind = 'credit_note'
               AND i.status <> 'cancelled'), 0) AS credited,
           EXISTS (SELECT 1 FROM finance_invoice i WHERE i.booking_id = b.id AND i.kind = 'customer') AS has_invoice,
           b.status IN ('confirmed', 'cancelled', 'completed') AS is_sold,
           b.status IN ('confirmed', 'completed') AND (b.cancelled_at IS NOT NULL OR EXISTS (
               SELECT 1 FROM bookings_bookinghistory h WHERE h.booking_id = b.id AND h.new_status = 'cancelled'))
               AS is_reopened
    FROM bookings_booking b WHERE b.id = ANY(%(bookings)s)
) s
WHERE is_reopened OR collected - refunded <> CASE WHEN is_sold THEN kept ELSE 0 END
   OR (is_sold AND invoiced - credited <> kept)
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A booking whose sums do not agree; kept is the price less what was promised back."""

    id: int
    reference: str
    status: str
    leg: int
    currency: str
    kept: Decimal
    price: Decimal
    promised: Decimal
    collected: Decimal
    refunded: Decimal
    invoiced: Decimal
    credited: Decimal
    has_invoice: bool
    is_sold: bool
    is_reopened: bool

    def say(self, amount: Decimal) -> str:
        """Say an amount in the booking's currency."""
        return format_money(amount, self.currency)


def bookings_check(report: Report) -> None:
    """Look at every booking, or at those that money moved for on the report's day."""
    for chunk in _chunks(report):
        report.looked_at += len(chunk)
        suspects = {one.booking_id for one in entries.differing_of_bookings(chunk) if one.booking_id}
        suspects |= {one.id for one in _standings(chunk)}
        if suspects:
            _examine(report, suspects)


def launches_check(report: Report) -> None:
    """Look at what belongs to no booking; each was booked with its cause, so nothing of it is ever on its way."""
    for difference in entries.differing_of_launches():
        with transaction.atomic():
            report.add(entries.entry_finding(difference, about="", is_dry_run=report.is_dry_run, now=report.now))


def _chunks(report: Report) -> Iterator[list[int]]:
    values: dict[str, Any] = {"after": 0, "limit": CHUNK}
    if report.day is not None:
        values |= {"since": f"{report.day}T00:00Z", "until": f"{report.day + timedelta(days=1)}T00:00Z"}
    while chunk := [row[0] for row in _rows(_IDS if report.day is None else _IDS_OF_DAY, values)]:
        yield chunk
        values["after"] = chunk[-1]


def _standings(booking_ids: Collection[int]) -> list[Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"bookings": list(booking_ids)})
        names = [column.name for column in cursor.description or ()]
        return [Standing(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _examine(report: Report, suspects: set[int]) -> None:
    if len(suspects) <= SETTLE_UP_TO and report.settle_s:
        time.sleep(report.settle_s)
    for booking_id in sorted(suspects - in_flight(suspects)):
        try:
            with transaction.atomic():
                found = _examine_one(report, booking_id)
        except OperationalError as error:
            log.info("Booking %s is busy, the next run looks at it: %s", booking_id, error)
            continue
        for finding in found:
            report.add(finding)


def in_flight(booking_ids: Collection[int]) -> set[int]:
    """Return the bookings that finance has not heard everything about yet."""
    return outbox_delivery.subjects_in_flight(consumer="finance", field="booking_id", values=booking_ids)


def _examine_one(report: Report, booking_id: int) -> list[Finding]:
    """Look again under the locks that every change of the booking's money takes; then make good what can be."""
    _rows("SELECT id FROM finance_payment WHERE booking_id = %(id)s ORDER BY id FOR UPDATE", {"id": booking_id})
    (reference,) = _rows("SELECT reference FROM bookings_booking WHERE id = %(id)s FOR UPDATE", {"id": booking_id})[0]
    wrong = entries.differing_of_bookings([booking_id])
    standings = _standings([booking_id])
    if not (wrong or standings) or in_flight([booking_id]):
        return []
    about = f"booking {reference}"
    findings = [entries.entry_finding(one, about=about, is_dry_run=report.is_dry_run, now=report.now) for one in wrong]
    for _ in range(ROUNDS):
        found = [finding for one in standings for finding in _standing_findings(one, report)]
        findings += [one for one in found if (one.kind, one.subject) not in {(f.kind, f.subject) for f in findings}]
        if not any(one.is_repaired for one in found):
            break
        standings = _standings([booking_id])
    return findings


def _standing_findings(one: Standing, report: Report) -> Iterator[Finding]:
    if one.is_reopened:
        yield Finding(
            kind=MoneyDifference.BOOKING_REOPENED,
            subject=f"booking {one.reference}",
            expected="cancelled, as its history says",
            found=f"{one.status}, with {one.say(one.refunded)} of {one.say(one.collected)} refunded",
            done="Nothing: look at its history. Its seats may be sold again; cancel it, or collect its price anew.",
        )
        return
    owed = one.collected - one.refunded
    if owed != (one.kept if one.is_sold else 0):
        yield _money_finding(one, owed, report)
    if one.is_sold and one.invoiced - one.credited != one.kept:
        yield _invoice_finding(one, report)


def _money_finding(one: Standing, owed: Decimal, report: Report) -> Finding:
    expected = f"{one.say(one.kept if one.is_sold else Decimal(0))} kept (price less what was promised back)"
    found = f"{one.say(owed)} kept ({one.say(one.collected)} collected, {one.say(one.refunded)} going back)"
    kind, done, is_repaired = MoneyDifference.BALANCE_DIFFERS, "Nothing: look at its payments and its history.", False
    if not one.is_sold:
        kind, done = MoneyDifference.PAID_WITHOUT_SEATS, "Nothing: confirm the booking or refund what was collected."
    elif owed > one.kept and one.promised - one.refunded == owed - one.kept:
        kind, done, is_repaired = MoneyDifference.REFUND_NOT_OWED, "It would be owed.", False
        if not report.is_dry_run:
            done, is_repaired = _attempt(
                lambda: _refund_owe(one, owed - one.kept, report.now), "It is owed now and sent."
            )
    return Finding(
        kind=kind,
        subject=f"booking {one.reference}",
        expected=expected,
        found=found,
        done=done,
        is_repaired=is_repaired,
    )


def _invoice_finding(one: Standing, report: Report) -> Finding:
    billed = one.invoiced - one.credited
    kind, done, is_repaired = MoneyDifference.INVOICE_DIFFERS, "Nothing: look at its invoices.", False
    if not one.has_invoice and one.leg == 1:
        kind, done = MoneyDifference.INVOICE_MISSING, "It would be issued."
        if not report.is_dry_run:
            done, is_repaired = _attempt(lambda: _invoice_issue(one, report.now), "It was issued.")
    elif one.has_invoice and billed > one.kept:
        kind, done = MoneyDifference.CREDIT_NOTE_MISSING, "It would be issued."
        if not report.is_dry_run:
            done, is_repaired = _attempt(lambda: _credit_issue(one, billed - one.kept, report.now), "It was issued.")
    return Finding(
        kind=kind,
        subject=f"booking {one.reference}",
        expected=f"{one.say(one.kept)} billed",
        found=f"{one.say(billed)} billed ({one.say(one.invoiced)} invoiced, {one.say(one.credited)} credited)",
        done=done,
        is_repaired=is_repaired,
    )


def _attempt(repair: Any, done: str) -> tuple[str, bool]:
    try:
        with transaction.atomic():
            repair()
    except DomainError as error:
        return f"Nothing: {error.message}", False
    return done, True


# --- repairs ----------------------------------------------------------------------------------------------------------
# Where the event that should have done it is found, its number is used: should it still come, nothing happens twice.
def _refund_owe(one: Standing, amount: Decimal, now: datetime) -> None:
    done = Refund.objects.filter(booking_id=one.id).values_list("dedupe_key", flat=True)
    heard = {int(key.split(":")[1]) for key in done if key.startswith("cancellation:")}
    event = _event(one.id, ("bookings.booking.cancelled", "bookings.booking.moved"), amount, heard)
    if event is not None:
        refunds.refund_for_cancellation(
            booking_id=one.id, amount=amount, cause=event.payload["cause"], event_id=event.pk, now=now
        )
        return
    source = f"reconciliation:{one.id}:{one.promised}"
    refunds.refund_allocate(booking_id=one.id, amount=amount, cause=RefundCause.PLATFORM, source=source, now=now)


def _invoice_issue(one: Standing, now: datetime) -> None:
    event = _event(one.id, ("bookings.booking.confirmed",), None, set())
    event_id = event.pk if event is not None else _made_up_id(one.id, 999)
    leg = invoices.Leg(number=1, launch_id=_launch_id(one.id), amount=one.price)
    invoices.invoice_issue(booking_id=one.id, event_id=event_id, today=now.date(), leg=leg)


def _credit_issue(one: Standing, amount: Decimal, now: datetime) -> None:
    heard = set(Invoice.objects.filter(booking_id=one.id, event_id__gt=0).values_list("event_id", flat=True))
    event = _event(one.id, ("bookings.booking.cancelled", "bookings.booking.goodwill_granted"), amount, heard)
    event_id = event.pk if event is not None else _made_up_id(one.id, Invoice.objects.filter(booking_id=one.id).count())
    invoices.credit_note_issue(
        booking_id=one.id, event_id=event_id, amount=amount, reason="cancelled", today=now.date()
    )


def _event(
    booking_id: int, names: Collection[str], amount: Decimal | None, besides: Collection[Any]
) -> OutboxEvent | None:
    rows = OutboxEvent.objects.filter(name__in=names, payload__booking_id=booking_id).exclude(pk__in=besides)
    rows = rows.order_by("pk")
    return next((row for row in rows if amount is None or Decimal(row.payload["refund_amount"]) == amount), None)


def _made_up_id(booking_id: int, place: int) -> int:
    """Make the number of an event that never was; negative and the same each time, so that it counts once."""
    return -(10**15 + booking_id * 1000 + place)


def _launch_id(booking_id: int) -> int:
    return int(_rows("SELECT launch_id FROM bookings_booking WHERE id = %(id)s", {"id": booking_id})[0][0])


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
