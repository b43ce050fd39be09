"""Writes: one public function a business action; pages, API, commands and jobs all call these."""

from finance.gateways import Card, CardToken, Means
from finance.services.asking import payment_ask, payments_settle
from finance.services.callbacks import callback_receive, callbacks_settle, sandbox_callbacks_send
from finance.services.checkout import Checkout, checkout
from finance.services.day_sums import days_sum_up
from finance.services.differences import rebooking_challenge_answer, rebooking_pay, rebooking_payment_abandon
from finance.services.giving_up import booking_give_up
from finance.services.invoices import Leg, credit_note_issue, invoice_issue, invoices_for_moved
from finance.services.payments import (
    booking_pay,
    payment_abandon,
    payment_challenge_answer,
    payment_client_secret,
)
from finance.services.receipts import closed_because, invoice_payment_record, invoices_chase
from finance.services.reconciling import money_reconcile, money_reconcile_request
from finance.services.refund_desk import refund_goodwill, refund_paid_by_hand, refund_retry
from finance.services.refunds import refund_request, refund_send, refunds_send_due
from finance.services.statements import launch_settle, launches_settle_due, payouts_send_due, statement_pay_out

__all__ = [
    "Card",
    "CardToken",
    "Checkout",
    "Leg",
    "Means",
    "booking_give_up",
    "booking_pay",
    "callback_receive",
    "callbacks_settle",
    "checkout",
    "closed_because",
    "credit_note_issue",
    "days_sum_up",
    "invoice_issue",
    "invoice_payment_record",
    "invoices_chase",
    "invoices_for_moved",
    "launch_settle",
    "launches_settle_due",
    "money_reconcile",
    "money_reconcile_request",
    "payment_abandon",
    "payment_ask",
    "payment_challenge_answer",
    "payment_client_secret",
    "payments_settle",
    "payouts_send_due",
    "rebooking_challenge_answer",
    "rebooking_pay",
    "rebooking_payment_abandon",
    "refund_goodwill",
    "refund_paid_by_hand",
    "refund_request",
    "refund_retry",
    "refund_send",
    "refunds_send_due",
    "sandbox_callbacks_send",
    "statement_pay_out",
]
