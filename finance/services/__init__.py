"""Writes: one public function a business action; pages, API, commands and jobs all call these."""

from finance.gateways import Card
from finance.services.invoices import credit_note_issue, invoice_issue
from finance.services.payments import booking_pay, payment_challenge_answer, payments_settle
from finance.services.refunds import refund_request, refund_send, refunds_send_due

__all__ = [
    "Card",
    "booking_pay",
    "credit_note_issue",
    "invoice_issue",
    "payment_challenge_answer",
    "payments_settle",
    "refund_request",
    "refund_send",
    "refunds_send_due",
]
