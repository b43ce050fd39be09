"""
Settling launches with their suppliers: a statement a launch, and its payout.

A launch is settled once it is over, its bookings are at rest, and the ledger says of each what the booking says. The
statement's amounts are the ledger's. What moves later (a refund granted after the statement) is carried into the
supplier's next one: whatever earlier launches are still owed, less the payouts that are already on their way.
"""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from bookings import selectors as booking_selectors
from bookings.selectors import BilledBooking
from common import outbox
from common.money import round_money
from finance import access, errors, events, locks
from finance.enums import Account, InvoiceStatus, MovementKind
from finance.models import Invoice, LedgerEntry, LedgerMovement, SupplierStatement
from finance.services import ledger
from finance.services.supplier_invoices import abort_invoice_issue, fee_invoice_issue
from launches import selectors as launch_selectors
from launches.enums import LaunchStatus

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import Launch

log = logging.getLogger(__name__)
ZERO = Decimal(0)
ENDED = (LaunchStatus.LAUNCHED, LaunchStatus.FAILED, LaunchStatus.ABORTED)
TAKINGS = (MovementKind.CHARGE, MovementKind.TRANSFER, MovementKind.REFUND, MovementKind.REPAIR)


def launches_settle_due(*, now: datetime) -> int:
    """Settle every launch that is over and not settled; return how many could be."""
    done = SupplierStatement.objects.values_list("launch_id", flat=True)
    settled = 0
    for launch_id in launch_selectors.launches_ended(besides=list(done)):
        try:
            settled += launch_settle(launch_id=launch_id, now=now) is not None
        except Exception:  # one that cannot be settled must not keep the others waiting
            log.exception("Launch %s could not be settled", launch_id)
    return settled


def launch_settle(*, launch_id: int, now: datetime) -> SupplierStatement | None:
    """
    Issue the statement and the invoice of a launch that is over, once.

    Returns: the statement, also one issued before; None while the launch is not over or bookings and refunds are still
        on their way: a job asks again.
    Raises: LaunchNotFound, Busy.
    """
    with transaction.atomic():
        launch = launch_selectors.launch_get(launch_id=launch_id)
        if launch.status not in ENDED:
            return None
        locks.supplier_lock(supplier_id=launch.supplier_id)
        if existing := SupplierStatement.objects.filter(launch_id=launch_id).first():
            return existing
        bookings = booking_selectors.bookings_of_ended_launch(launch_id=launch_id)
        if bookings is None or not _is_booked(launch_id, bookings):
            return None
        return _issue(launch, bookings, now)


def _is_booked(launch_id: int, bookings: list[BilledBooking]) -> bool:
    """
    Tell whether the ledger has heard of everything about a launch's bookings, those that moved away from it too.

    Money that follows a booking leaves its sum as it is, so each move is looked for by its name.
    """
    moves = booking_selectors.moves_of_launch(launch_id=launch_id)
    sources = {f"transfer:{move.id}" for move in moves if move.amount}
    if LedgerMovement.objects.filter(source__in=sources).count() < len(sources):
        log.info("Launch %s is not settled yet: money of a booking that moved has not followed it.", launch_id)
        return False
    here = {one.id for one in bookings}
    gone = {move.booking_id for move in moves} - here
    return _agrees([*bookings, *booking_selectors.bookings_billed(booking_ids=gone)])


def _agrees(bookings: list[BilledBooking]) -> bool:
    """Tell whether the ledger has heard of everything the bookings say; it has not while refunds are on their way."""
    rows = LedgerEntry.objects.filter(
        movement__booking_id__in=[one.id for one in bookings],
        movement__kind__in=TAKINGS,
        account__in=[Account.SUPPLIERS, Account.GOODWILL],
    )
    sums = dict(rows.order_by().values_list("movement__booking_id").annotate(Sum("amount")))
    differing = [one.reference for one in bookings if one.price_amount - one.refund_amount != -sums.get(one.id, ZERO)]
    if differing:
        log.info("Not settled yet, the ledger is behind: bookings %s", ", ".join(differing))
    return not differing


def _issue(launch: "Launch", bookings: list[BilledBooking], now: datetime) -> SupplierStatement:
    is_flown = launch.status == LaunchStatus.LAUNCHED
    currency = launch.price_currency
    if not is_flown:
        _goodwill_return(launch, bookings, now)
    lines = _booking_lines(launch, bookings)
    collected = sum((Decimal(line["collected"]) for line in lines), ZERO)
    refunded = sum((Decimal(line["refunded"]) for line in lines), ZERO)
    carried = _carried(launch) if is_flown else ZERO
    fee, invoice = ZERO, None
    if is_flown:
        invoice = fee_invoice_issue(launch=launch, net_amount=collected - refunded, now=now)
        fee = invoice.amount
        lines.append({"kind": "fee", "text": f"Our fee, invoice {invoice.code}", "net": _said(-fee, currency)})
    elif launch.status == LaunchStatus.ABORTED:
        abort_invoice_issue(launch=launch, now=now)
    if carried:
        text = "Carried in: what changed after earlier statements"
        lines.append({"kind": "carried", "text": text, "net": _said(carried, currency)})
    statement = SupplierStatement.objects.create(
        launch=launch,
        supplier_id=launch.supplier_id,
        invoice=invoice,
        currency=currency,
        lines=lines,
        collected_amount=collected,
        refunded_amount=refunded,
        fee_amount=fee,
        carried_amount=carried,
        payout_amount=collected - refunded - fee + carried,
        issued_at=now,
    )
    outbox.publish(events.StatementIssued(**_values(statement)))
    return statement


def _booking_lines(launch: "Launch", bookings: list[BilledBooking]) -> list[dict[str, str]]:
    """Sum the ledger's entries of the launch by booking; a booking that moved away again sums up to what was kept."""
    rows = LedgerEntry.objects.filter(
        launch=launch, account=Account.SUPPLIERS, currency=launch.price_currency, movement__kind__in=TAKINGS
    )
    sums: dict[int | None, dict[bool, Decimal]] = {}
    for booking_id, kind, amount in (
        rows.order_by().values_list("movement__booking_id", "movement__kind").annotate(Sum("amount"))
    ):
        of_booking = sums.setdefault(booking_id, {True: ZERO, False: ZERO})
        of_booking[kind == MovementKind.REFUND] += amount
    known = {one.id: one for one in bookings}
    elsewhere = [booking_id for booking_id in sums if booking_id and booking_id not in known]
    known |= {one.id: one for one in booking_selectors.bookings_billed(booking_ids=elsewhere)}
    lines = [
        {
            "kind": "booking",
            "reference": known[booking_id].reference if booking_id else "",
            "text": _line_text(launch, known.get(booking_id or 0)),
            "collected": _said(-amounts[False], launch.price_currency),
            "refunded": _said(amounts[True], launch.price_currency),
            "net": _said(-amounts[False] - amounts[True], launch.price_currency),
        }
        for booking_id, amounts in sums.items()
    ]
    return sorted(lines, key=lambda line: line["reference"])


def _line_text(launch: "Launch", booking: BilledBooking | None) -> str:
    if booking is None:
        return "Correction"
    if booking.launch_id != launch.pk:
        return "Moved to another launch"
    flown = [seat.label for seat in booking.seats if not seat.is_cancelled]
    return f"Seat{'s' if len(flown) > 1 else ''} {', '.join(flown)}" if flown else "Cancelled"


def _said(amount: Decimal, currency: str) -> str:
    return str(round_money(amount, currency))


def _goodwill_return(launch: "Launch", bookings: list[BilledBooking], now: datetime) -> None:
    """
    Take goodwill back into our own account where a called-off launch left it with its supplier.

    The customer had a part back from us before everything came back: that part is not the supplier's to keep.
    """
    rows = LedgerEntry.objects.filter(launch=launch, currency=launch.price_currency, movement__kind__in=TAKINGS)
    for booking in bookings:
        if not booking.is_called_off:
            continue
        of_booking = rows.filter(movement__booking_id=booking.id)
        sums = dict(of_booking.order_by().values_list("account").annotate(Sum("amount")))
        amount = min(-sums.get(Account.SUPPLIERS, ZERO), sums.get(Account.GOODWILL, ZERO))
        if amount > 0:
            ledger.repair_post(
                subject=f"goodwill:{booking.id}",
                number=1,
                currency=launch.price_currency,
                lines=[
                    ledger.Line(Account.SUPPLIERS, amount, launch.pk),
                    ledger.Line(Account.GOODWILL, -amount, launch.pk),
                ],
                note="Goodwill comes back to us: its launch was called off and everything was refunded.",
                now=now,
                booking_id=booking.id,
            )


def _carried(launch: "Launch") -> Decimal:
    """
    Sum what the supplier's earlier launches are still owed beyond the payouts on their way; negative: it owes us.

    Only sums, so nothing can be carried twice: a statement that carries it makes up for it. What an aborted launch
    costs is an invoice of its own and no part of this.
    """
    earlier = SupplierStatement.objects.filter(supplier_id=launch.supplier_id, currency=launch.price_currency)
    rows = LedgerEntry.objects.filter(
        launch_id__in=earlier.values("launch_id"),
        account=Account.SUPPLIERS,
        currency=launch.price_currency,
        movement__kind__in=[*TAKINGS, MovementKind.PAYOUT],
    )
    owed = -_total(rows, "amount") - _total(earlier, "fee_amount")
    on_their_way = earlier.filter(paid_out_at=None, payout_amount__gt=0)
    return owed - _total(on_their_way, "payout_amount")


def _total(rows: Any, field: str) -> Decimal:
    return rows.aggregate(total=Sum(field))["total"] or ZERO


def statement_pay_out(*, actor: "User | None", statement_id: int, now: datetime) -> SupplierStatement:
    """
    Mark a statement as paid out: the payout is booked and the fee it kept settles the invoice.

    A negative payout moves no money; it is carried into the supplier's next statement.

    Args:
        actor: an employee of finance; none for the job.
    Raises: Forbidden, StatementNotFound, PayoutRefused (it is paid out), Busy.
    """
    if actor is not None:
        access.money_desk_check(actor)
    with transaction.atomic():
        found = SupplierStatement.objects.filter(pk=statement_id).first()
        if found is None:
            raise errors.StatementNotFound
        locks.supplier_lock(supplier_id=found.supplier_id)
        statement = SupplierStatement.objects.select_for_update().get(pk=statement_id)
        if statement.paid_out_at is not None:
            at = statement.paid_out_at
            raise errors.PayoutRefused(why=f"it was paid out on {at.day} {at:%B %Y}")
        if statement.payout_amount > 0:
            ledger.payout_post(
                statement_id=statement.pk,
                launch_id=statement.launch_id,
                amount=statement.payout_amount,
                currency=statement.currency,
                now=now,
            )
        if statement.invoice_id:
            invoice = Invoice.objects.select_for_update().get(pk=statement.invoice_id)
            invoice.paid_amount, invoice.status = invoice.amount, InvoiceStatus.PAID
            invoice.save(update_fields=["paid_amount", "status"])
        statement.paid_out_at = now
        statement.save(update_fields=["paid_out_at"])
        outbox.publish(events.StatementPaidOut(**_values(statement)), actor_id=actor.pk if actor is not None else None)
        return statement


def payouts_send_due(*, now: datetime) -> int:
    """Pay out every statement that is `settings.PAYOUT_DAYS` old; return how many."""
    due = SupplierStatement.objects.filter(paid_out_at=None, issued_at__lte=now - timedelta(days=settings.PAYOUT_DAYS))
    sent = 0
    for statement_id in list(due.order_by("issued_at", "pk").values_list("pk", flat=True)):
        try:
            statement_pay_out(actor=None, statement_id=statement_id, now=now)
            sent += 1
        except Exception:  # one that cannot be paid must not keep the others waiting
            log.exception("Statement %s could not be paid out", statement_id)
    return sent


def _values(statement: SupplierStatement) -> dict[str, Any]:
    return {
        "supplier_id": statement.supplier_id,
        "launch_id": statement.launch_id,
        "statement_id": statement.pk,
        "payout_amount": statement.payout_amount,
        "currency": statement.currency,
    }
