"""
What the gateways have in their books, listed: the other side that `reconcile_money` compares our rows with.

Apart from the port, because only reconciliation reads it, and because it streams.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.conf import settings

from finance.enums import PaymentStatus
from finance.errors import GatewayUnavailable
from finance.gateways.sandbox import SandboxGateway, _answer
from finance.models import SandboxCharge, SandboxRefund

CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class ChargeRecord:
    """A charge as the gateway has it; `key` is our payment's id, '' or anything else when it is not from us."""

    key: str
    reference: str
    amount: Decimal
    currency: str
    is_collected: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefundRecord:
    """A refund as the gateway has it; `key` begins with our refund's id where it comes from us."""

    key: str
    reference: str
    charge_reference: str
    amount: Decimal
    currency: str
    is_paid: bool
    created_at: datetime


class Books(Protocol):
    """Raises finance.errors.GatewayUnavailable when the gateway does not answer."""

    name: str

    def charges_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[ChargeRecord]:
        """Give every charge made in a period (both ends open when None), in any order, in bounded memory."""

    def refunds_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[RefundRecord]:
        """Give every refund made in a period, likewise."""

    def refunds_of(self, *, charge_reference: str) -> list[RefundRecord]:
        """Give the refunds of one charge as they are now."""


class SandboxBooks:
    """The sandbox's own tables."""

    name = SandboxGateway.name

    def charges_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[ChargeRecord]:
        """Give the charges by id, in chunks."""
        for kept in _chunked(_within(SandboxCharge.objects.all(), since, until)):
            yield ChargeRecord(
                key=kept.key,
                reference=kept.reference,
                amount=kept.amount,
                currency=kept.currency,
                is_collected=_answer(kept).status == PaymentStatus.SUCCEEDED,
                created_at=kept.created_at,
            )

    def refunds_list(self, *, since: datetime | None, until: datetime | None) -> Iterator[RefundRecord]:
        """Give the refunds by id, in chunks."""
        yield from map(_refund, _chunked(_within(SandboxRefund.objects.select_related("charge"), since, until)))

    def refunds_of(self, *, charge_reference: str) -> list[RefundRecord]:
        """Look the refunds of a charge up."""
        rows = SandboxRefund.objects.filter(charge__reference=charge_reference).select_related("charge")
        return [_refund(kept) for kept in rows.order_by("pk")]


def _within(rows: Any, since: datetime | None, until: datetime | None) -> Any:
    rows = rows if since is None else rows.filter(created_at__gte=since)
    return rows if until is None else rows.filter(created_at__lt=until)


def _chunked(rows: Any) -> Iterator[Any]:
    after = 0
    while chunk := list(rows.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield from chunk
        after = chunk[-1].pk


def _refund(kept: SandboxRefund) -> RefundRecord:
    return RefundRecord(
        key=kept.key,
        reference=kept.reference,
        charge_reference=kept.charge.reference,
        amount=kept.amount,
        currency=kept.charge.currency,
        is_paid=True,
        created_at=kept.created_at,
    )


def books_of(name: str) -> Books:
    """Return the books of a gateway by its name. Raises: GatewayUnavailable when it cannot be read here."""
    if name == SandboxBooks.name:
        return SandboxBooks()
    if name == "stripe" and settings.STRIPE_SECRET_KEY:
        from finance.gateways.stripe_books import StripeBooks  # noqa: PLC0415 - a large library that few need

        return StripeBooks()
    raise GatewayUnavailable(f"The books of the gateway {name} cannot be read here.")
