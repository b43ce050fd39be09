"""Stripe's own list of intents and refunds, page by page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

from finance.gateways.books import ChargeRecord, RefundRecord
from finance.gateways.stripe import StripeGateway, _ask, _client, from_minor

PAGE = 100  # the most that Stripe gives at once


class StripeBooks:
    """What the account has; charges made for something else there are seen too, and said to be nobody's here."""

    name = StripeGateway.name

    def __init__(self) -> None:
        self._client = _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.GATEWAY_TIMEOUT_S)

    def charges_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[ChargeRecord]:
        """Give the intents, the latest first."""
        for intent in _pages(self._client.v1.payment_intents.list, _created(since, until)):
            currency = intent.currency.upper()
            yield ChargeRecord(
                key=_named(intent, "payment_id"),
                reference=intent.id,
                amount=from_minor(getattr(intent, "amount_received", None) or intent.amount, currency),
                currency=currency,
                is_collected=intent.status == "succeeded",
                created_at=datetime.fromtimestamp(intent.created, UTC),
            )

    def refunds_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[RefundRecord]:
        """Give the refunds, the latest first."""
        yield from map(_refund, _pages(self._client.v1.refunds.list, _created(since, until)))

    def refunds_of(self, *, charge_reference: str) -> list[RefundRecord]:
        """Ask for the refunds of an intent."""
        return [_refund(made) for made in _pages(self._client.v1.refunds.list, {"payment_intent": charge_reference})]


def _created(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    bounds = {"gte": since and int(since.timestamp()), "lt": until and int(until.timestamp())}
    created = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"created": created} if created else {}


def _pages(call: Callable[[Any], Any], params: dict[str, Any]) -> Iterator[Any]:
    after: dict[str, Any] = {}
    while True:
        page = _ask(lambda asked={**params, "limit": PAGE, **after}: call(asked))  # type: ignore[misc]
        yield from page.data
        if not page.data or not getattr(page, "has_more", False):
            return
        after = {"starting_after": page.data[-1].id}


def _named(thing: Any, name: str) -> str:
    return str(getattr(getattr(thing, "metadata", None), name, ""))


def _refund(made: stripe.Refund) -> RefundRecord:
    currency = made.currency.upper()
    intent: Any = made.payment_intent
    return RefundRecord(
        key=_named(made, "refund_id"),
        reference=made.id,
        charge_reference=str(getattr(intent, "id", intent) or ""),
        amount=from_minor(made.amount, currency),
        currency=currency,
        is_paid=made.status == "succeeded",
        created_at=datetime.fromtimestamp(made.created, UTC),
    )
