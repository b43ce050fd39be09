"""
The gateways' books against our payments and refunds.

A gateway lists in any order, so its list goes into temporary tables (`lists`) and PostgreSQL compares: memory stays
flat on both sides. What is younger than a minute is on its way and is passed over; what differs is looked at once more
before anything is done. Nothing here asks a gateway inside a transaction.
"""

import logging
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from common.errors import DomainError
from common.money import format_money, round_money
from finance import errors
from finance.enums import Account, MoneyDifference, PaymentStatus, RefundStatus
from finance.gateways import gateway
from finance.gateways.books import Books, books_of
from finance.gateways.port import RefundAnswer
from finance.models import LedgerMovement, Payment, Refund
from finance.services import ledger
from finance.services.asking import payment_ask
from finance.services.ledger import Line
from finance.services.reconciling import lists
from finance.services.reconciling.findings import Finding, Report
from finance.services.refunds import refund_record

log = logging.getLogger(__name__)
NOBODY = "Nothing: {}"


def gateways_check(report: Report) -> None:
    """Compare the books of every gateway that payments name."""
    names = set(Payment.objects.order_by().values_list("gateway", flat=True).distinct())
    for name in sorted(names | {gateway().name}):
        try:
            books = books_of(name)
            with lists.listed(report, books):
                _compare(report, books)
        except errors.GatewayUnavailable as error:
            report.add(
                Finding(
                    kind=MoneyDifference.GATEWAY_SILENT,
                    subject=f"gateway {name}",
                    expected="its books",
                    found=str(error),
                    done=NOBODY.format("run it again when the gateway answers."),
                )
            )


def _compare(report: Report, books: Books) -> None:
    for charge in lists.charges_differing(report, books):
        _add(report, _charge_finding(report, *charge))
    for (payment_id,) in lists.payments_unheard(report, books):
        _add(report, _payment_finding(payment_id))
    for refund in lists.refunds_differing(report, books):
        _add(report, _refund_finding(report, *refund))
    for (refund_id,) in lists.refunds_unsent(report, books):
        _add(report, _sent_finding(report, books, refund_id))


def _add(report: Report, finding: Finding | None) -> None:
    if finding is not None:
        report.add(finding)


# --- charges ----------------------------------------------------------------------------------------------------------
def _charge_finding(
    report: Report,
    key: str,
    reference: str,
    amount: Decimal,
    currency: str,
    payment_id: UUID | None,
    status: str,
    known_amount: Decimal,
    known_currency: str,
) -> Finding | None:
    found = f"{format_money(amount, currency)} collected at the gateway, charge {reference}"
    if payment_id is None:
        if Payment.objects.filter(gateway_reference=reference).exists():
            return None  # a charge that the gateway was asked for under another key
        return Finding(
            kind=MoneyDifference.CHARGE_ORPHANED,
            subject=f"charge {reference}",
            expected="a payment here",
            found=found,
            done=NOBODY.format("find out whose it is (its key is '" + key + "') and refund it at the gateway."),
        )
    payment = Payment.objects.select_related("booking").get(pk=payment_id)
    about = f"booking {payment.booking.reference}, payment {payment_id}"
    expected = f"{format_money(known_amount, known_currency)}, {payment.get_status_display().lower()}"
    if currency != known_currency:
        return Finding(
            kind=MoneyDifference.CURRENCY_DIFFERS,
            subject=about,
            expected=expected,
            found=found,
            done=NOBODY.format("no rate says what it is worth. Refund the charge or correct it at the gateway."),
        )
    if payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE) and amount == known_amount:
        done, is_repaired = _payment_learn(report, payment)
        return Finding(
            kind=MoneyDifference.CALLBACK_LOST,
            subject=about,
            expected=expected,
            found=found,
            done=done,
            is_repaired=is_repaired,
        )
    if amount == known_amount:
        return None  # it became known meanwhile
    difference = amount - known_amount
    if abs(difference) > _smallest(currency) or payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE):
        done = NOBODY.format("collect or refund the difference at the gateway, or correct the price.")
        return Finding(
            kind=MoneyDifference.AMOUNT_DIFFERS,
            subject=about,
            expected=expected,
            found=found,
            done=done,
        )
    done, is_repaired = _book(
        report,
        f"gateway:{payment_id}",
        currency,
        difference,
        f"Rounding by the gateway, payment {payment_id}",
        "The difference was booked as ours.",
    )
    return Finding(
        kind=MoneyDifference.ROUNDING,
        subject=about,
        expected=expected,
        found=found,
        done=done,
        is_repaired=is_repaired,
    )


def _payment_learn(report: Report, payment: Payment) -> tuple[str, bool]:
    """Ask the gateway as a callback would have made us: the seats are sold, or the money goes back."""
    if report.is_dry_run:
        return "The gateway would be asked and the payment recorded.", False
    try:
        learned = payment_ask(payment_id=payment.pk, now=report.now)
    except (DomainError, errors.ChargeDiffers) as error:
        return NOBODY.format(error), False
    if learned.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.LATE):
        return NOBODY.format("the gateway, asked for this payment, says that nothing was collected."), False
    learned.booking.refresh_from_db()
    if learned.booking.status == "confirmed":
        return "It is recorded and its booking confirmed.", True
    return "It is recorded and being refunded: its seats were gone.", True


def _payment_finding(payment_id: UUID) -> Finding | None:
    """Ask the gateway for the very payment that its list lacks."""
    payment = Payment.objects.select_related("booking").get(pk=payment_id)
    answer = gateway(payment.gateway).status(
        key=str(payment.pk),
        reference=payment.gateway_reference,
        amount=payment.amount,
        currency=payment.currency,
    )
    if answer is not None and answer.status == PaymentStatus.SUCCEEDED:
        return None
    return Finding(
        kind=MoneyDifference.PAYMENT_UNKNOWN,
        subject=f"booking {payment.booking.reference}, payment {payment_id}",
        expected=f"{format_money(payment.amount, payment.currency)} collected at the gateway",
        found="nothing" if answer is None else f"a charge that is {answer.status.label.lower()}",
        done=NOBODY.format("ask the gateway. If it collected nothing, the booking is not paid."),
    )


# --- refunds ----------------------------------------------------------------------------------------------------------
def _refund_finding(
    report: Report,
    reference: str,
    charge_reference: str,
    amount: Decimal,
    currency: str,
    refund_id: UUID | None,
    status: str,
    known_reference: str,
    known_amount: Decimal,
) -> Finding | None:
    found = f"{format_money(amount, currency)} paid back at the gateway, refund {reference}"
    refund = Refund.objects.select_related("booking").filter(pk=refund_id).first() if refund_id else None
    about = f"booking {refund.booking.reference}, refund {refund.pk}" if refund else f"charge {charge_reference}"
    if refund is not None and amount != known_amount:
        return Finding(
            kind=MoneyDifference.REFUND_DIFFERS,
            subject=about,
            expected=format_money(known_amount, refund.currency),
            found=found,
            done=NOBODY.format("pay the rest back at the gateway, or ask the customer for what was too much."),
        )
    if refund is not None and refund.status != RefundStatus.SUCCEEDED:
        done = "It would be recorded as paid."
        if not report.is_dry_run:
            answer = RefundAnswer(reference=reference, status=RefundStatus.SUCCEEDED)
            refund_record(refund_id=refund.pk, answer=answer, now=report.now)
            done = "It is recorded as paid."
        return Finding(
            kind=MoneyDifference.REFUND_ANSWER_LOST,
            subject=about,
            expected=f"a refund that is {refund.get_status_display().lower()}",
            found=found,
            done=done,
            is_repaired=not report.is_dry_run,
        )
    if refund is not None and refund.gateway_reference == reference:
        return None
    done, is_repaired = _book(
        report,
        f"gateway:{reference}",
        currency,
        -amount,
        f"Paid back without being owed, refund {reference} of charge {charge_reference}",
        "It was booked as our loss; ask the customer for it.",
    )
    return Finding(
        kind=MoneyDifference.REFUND_DOUBLED,
        subject=about,
        expected=f"one refund, {known_reference}" if refund else "no refund",
        found=found,
        done=done,
        is_repaired=is_repaired,
    )


def _sent_finding(report: Report, books: Books, refund_id: UUID) -> Finding | None:
    """Look at the refunds of the very charge; what is not there is sent again under its own key, so only once."""
    refund = Refund.objects.select_related("payment", "booking").get(pk=refund_id)
    there = books.refunds_of(charge_reference=refund.payment.gateway_reference)
    if any(one.reference == refund.gateway_reference and one.is_paid for one in there):
        return None
    done, is_repaired = "It would be sent again.", False
    if not report.is_dry_run:
        done, is_repaired = _send_again(refund)
    return Finding(
        kind=MoneyDifference.REFUND_NOT_SENT,
        subject=f"booking {refund.booking.reference}, refund {refund.pk}",
        expected=f"{format_money(refund.amount, refund.currency)} paid back at the gateway",
        found="nothing",
        done=done,
        is_repaired=is_repaired,
    )


def _send_again(refund: Refund) -> tuple[str, bool]:
    try:
        answer = gateway(refund.payment.gateway).refund(
            key=str(refund.pk),
            charge_reference=refund.payment.gateway_reference,
            amount=refund.amount,
            currency=refund.currency,
        )
    except errors.RefundRefused as error:
        return NOBODY.format(error.message), False
    if answer.status != RefundStatus.SUCCEEDED:
        return NOBODY.format("the gateway was asked for it again and has not paid it yet."), False
    Refund.objects.filter(pk=refund.pk).update(gateway_reference=answer.reference)
    return "It was sent again and is paid.", True


# --- what only the gateway knows -------------------------------------------------------------------------------------
def _book(report: Report, subject: str, currency: str, amount: Decimal, note: str, done: str) -> tuple[str, bool]:
    """Bring the ledger's gateway account to what the gateway has, at our cost; of no booking, which owes none of it."""
    if report.is_dry_run:
        return "A repair would be posted.", False
    number = LedgerMovement.objects.filter(source__startswith=f"repair:{subject}:").count() + 1
    with transaction.atomic():
        ledger.repair_post(
            subject=subject,
            number=number,
            currency=currency,
            lines=[Line(Account.GATEWAY, amount), Line(Account.GOODWILL, -amount)],
            note=note,
            now=report.now,
        )
    return done, True


def _smallest(currency: str) -> Decimal:
    """Return the currency's smallest coin."""
    exponent = round_money(Decimal(0), currency).as_tuple().exponent
    return Decimal(1).scaleb(int(exponent))
