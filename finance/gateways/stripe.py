"""
Stripe, by PaymentIntents. Card numbers never come here: a token does, or Stripe's own form asks the card holder.

An intent is made from our row alone, so that asking again with the row's key finds it even when its answer was lost; it
moves money only when it is confirmed, which needs its reference. Refunds carry a key of their row likewise.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import stripe
from django.conf import settings

from common.money import round_money
from finance.enums import PaymentStatus, RefundStatus
from finance.errors import CallbackForged, CardInvalid, GatewayUnavailable, RefundRefused
from finance.gateways.port import Callback, Card, CardToken, ChargeAnswer, Means, RefundAnswer, Subject

log = logging.getLogger(__name__)
T = TypeVar("T")
# What these calls were written for: an upgrade of the library does not change what Stripe understands and answers.
API_VERSION = "2025-03-31.basil"
REFUSALS = (stripe.CardError, stripe.InvalidRequestError)

_STATUS = {
    "requires_payment_method": PaymentStatus.CHALLENGE,
    "requires_confirmation": PaymentStatus.CHALLENGE,
    "requires_action": PaymentStatus.CHALLENGE,
    "processing": PaymentStatus.PROCESSING,
    "requires_capture": PaymentStatus.PROCESSING,
    "succeeded": PaymentStatus.SUCCEEDED,
    "canceled": PaymentStatus.ABANDONED,
}
_REFUND_STATUS = {"succeeded": RefundStatus.SUCCEEDED, "failed": RefundStatus.FAILED, "canceled": RefundStatus.FAILED}
_REASONS = {
    "insufficient_funds": "insufficient funds",
    "expired_card": "the card has expired",
    "incorrect_cvc": "the security code is not right",
    "incorrect_number": "the card number is not right",
    "authentication_required": "the bank wants to ask you first",
    "payment_intent_authentication_failure": "the bank's check was not passed",
}
# Stripe counts these in hundredths though their notes have none (its page on currencies, "special cases").
_STRIPE_DIGITS = {"ISK": 2, "UGX": 2}
_REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")


class StripeGateway:
    """Real money, as soon as the keys are those of a live account."""

    name = "stripe"

    def __init__(self) -> None:
        self._client = _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.GATEWAY_TIMEOUT_S)

    def means_check(self, *, means: Means, today: date) -> None:
        """Take tokens, or nothing when Stripe's form asks; a number that came here is refused unread."""
        if isinstance(means, Card):
            raise CardInvalid(
                fields={"payment_method": "Send the card as a payment_method of Stripe; numbers are not taken here."}
            )

    def create(self, *, key: str, amount: Decimal, currency: str, means: Means) -> ChargeAnswer:
        """Make the intent; with a token confirm it at once, without one leave that to Stripe's form."""
        intent = self._intent_make(key, amount, currency)
        if isinstance(means, CardToken) and intent.status == "requires_payment_method":
            return self._confirm(key, intent, {"payment_method": means.token})
        return _answer(intent)

    def confirm(self, *, key: str, reference: str, code: str) -> ChargeAnswer:
        """Go on after Stripe's own form or the bank's page was used; there is no code to pass on."""
        intent = self._intent_get(reference)
        if intent.status == "requires_confirmation":
            return self._confirm(key, intent, {})
        return _answer(intent)

    def status(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """
        Read the intent; its reference, where we have none, comes from making it again with the same key.

        What that call answers is how things stood the first time, so the intent is read all the same.
        """
        return _answer(self._intent_get(reference or self._intent_make(key, amount, currency).id))

    def abandon(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """Cancel the intent; one that has succeeded stays."""
        reference = reference or self._intent_make(key, amount, currency).id
        try:
            return _answer(
                _ask(lambda: self._client.v1.payment_intents.cancel(reference), refusals=(stripe.InvalidRequestError,))
            )
        except stripe.InvalidRequestError:  # not in a state to be cancelled: succeeded, or cancelled before
            return _answer(self._intent_get(reference))

    def refund(self, *, key: str, charge_reference: str, amount: Decimal, currency: str) -> RefundAnswer:
        """Pay back to the card."""
        try:
            made = _ask(
                lambda: self._client.v1.refunds.create(
                    {
                        "payment_intent": charge_reference,
                        "amount": to_minor(amount, currency),
                        "metadata": {"refund_id": key.partition(":")[0]},
                    },
                    {"idempotency_key": f"refund-{key}"},
                ),
                refusals=REFUSALS,
            )
        except REFUSALS as error:
            raise RefundRefused(f"Stripe refused the refund: {error.user_message or error.code}") from error
        return _refund_answer(made)

    def refund_status(self, *, reference: str) -> RefundAnswer:
        """Read the refund."""
        return _refund_answer(_ask(lambda: self._client.v1.refunds.retrieve(reference)))

    def callback_verify(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Callback:
        """Check Stripe's signature and its age (five minutes), and read what the message is about."""
        signature = headers.get("Stripe-Signature", "")
        if not signature.isascii():  # Stripe's library fails over it
            raise CallbackForged
        try:
            event = self._client.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise CallbackForged from error
        said: dict[str, Any] = event.data.object.to_dict()
        metadata = said.get("metadata") or {}
        subject, key = Subject.OTHER, ""
        if event.type.startswith("payment_intent."):
            subject, key = Subject.PAYMENT, metadata.get("payment_id", "")
        elif event.type in _REFUND_EVENTS:
            subject, key = Subject.REFUND, metadata.get("refund_id", "")
        return Callback(callback_id=event.id, kind=event.type, subject=subject, reference=said.get("id") or "", key=key)

    def _intent_make(self, key: str, amount: Decimal, currency: str) -> stripe.PaymentIntent:
        """Nothing but our row goes in: with the same key, other parameters would be refused."""
        params: Any = {
            "amount": to_minor(amount, currency),
            "currency": currency.lower(),
            "payment_method_types": ["card"],
            "metadata": {"payment_id": key},
        }
        made: stripe.PaymentIntent = _ask(
            lambda: self._client.v1.payment_intents.create(params, {"idempotency_key": f"payment-{key}"})
        )
        return made

    def _intent_get(self, reference: str) -> stripe.PaymentIntent:
        found: stripe.PaymentIntent = _ask(
            lambda: self._client.v1.payment_intents.retrieve(reference, {"expand": ["payment_method"]})
        )
        return found

    def _confirm(self, key: str, intent: stripe.PaymentIntent, params: Any) -> ChargeAnswer:
        params = {**params, "expand": ["payment_method"]}
        try:
            return _answer(
                _ask(
                    lambda: self._client.v1.payment_intents.confirm(
                        intent.id, params, {"idempotency_key": f"confirm-{key}"}
                    ),
                    refusals=REFUSALS,
                )
            )
        except stripe.CardError as error:
            decline = getattr(error.error, "decline_code", None) or error.code or ""
            return ChargeAnswer(
                reference=intent.id,
                status=PaymentStatus.DECLINED,
                decline_reason=_REASONS.get(decline, "the bank refused it"),
            )
        except stripe.InvalidRequestError as error:
            now = self._intent_get(intent.id)
            if now.status != "requires_payment_method":  # confirmed or cancelled by somebody else meanwhile
                return _answer(now)
            log.warning("Stripe refused a payment method: %s", error.code)
            return ChargeAnswer(
                reference=intent.id, status=PaymentStatus.DECLINED, decline_reason="the card is not known to Stripe"
            )


@cache
def _client(secret_key: str, api_base: str, timeout_s: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base},
        # One call, one try: our own jobs repeat, with the same key and with pauses.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout_s),
    )


def _ask(call: Callable[[], T], *, refusals: tuple[type[stripe.StripeError], ...] = ()) -> T:
    """
    Call Stripe. Whatever leaves the outcome open is one failure for us: GatewayUnavailable.

    Args:
        refusals: what the caller takes for an answer.
    """
    try:
        return call()
    except refusals:
        raise
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("Stripe refuses our key: %s", error.code or type(error).__name__)  # noqa: TRY400 - no trace with a key in it
        raise GatewayUnavailable("Stripe refuses our key.") from None
    except stripe.StripeError as error:
        raise GatewayUnavailable(f"Stripe did not answer: {error.code or type(error).__name__}") from error


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in Stripe's smallest unit: cents, or whole yen."""
    rounded = round_money(amount, currency)
    return int(rounded.scaleb(_digits(currency)))


def from_minor(amount: int, currency: str) -> Decimal:
    """Return an amount of Stripe's as ours."""
    return round_money(Decimal(amount).scaleb(-_digits(currency)), currency)


def _digits(currency: str) -> int:
    exponent = round_money(Decimal(0), currency).as_tuple().exponent
    return _STRIPE_DIGITS.get(currency, -int(exponent))


def _answer(intent: stripe.PaymentIntent) -> ChargeAnswer:
    currency = intent.currency.upper()
    error = intent.last_payment_error
    card = getattr(intent.payment_method, "card", None) if intent.payment_method else None
    return ChargeAnswer(
        reference=intent.id,
        status=_STATUS[intent.status],
        decline_reason=_REASONS.get(getattr(error, "code", "") or "", "") if error else "",
        card_brand=str(getattr(card, "brand", "") or "")[:20],
        card_last4=str(getattr(card, "last4", "") or "")[:4],
        amount=from_minor(intent.amount, currency),
        currency=currency,
        client_secret=intent.client_secret or "",
    )


def _refund_answer(made: stripe.Refund) -> RefundAnswer:
    return RefundAnswer(
        reference=made.id,
        status=_REFUND_STATUS.get(made.status or "", RefundStatus.REQUESTED),
        reason=f"Stripe could not pay it: {getattr(made, 'failure_reason', None) or 'no reason given'}",
    )
