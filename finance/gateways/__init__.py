"""
Payment gateways behind one interface.

Every call that moves money carries a key made from our own row, so that asking twice charges or refunds once.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from finance.enums import PaymentStatus


@dataclass(frozen=True, kw_only=True, repr=False)
class Card:
    """Card details on their way to the gateway; never stored, never logged (no repr)."""

    number: str
    expiry: str
    code: str
    holder: str = ""


@dataclass(frozen=True, kw_only=True)
class ChargeAnswer:
    """What the gateway says of a charge; `status` is processing, challenge, succeeded or declined."""

    reference: str
    status: PaymentStatus
    decline_reason: str = ""
    card_brand: str = ""
    card_last4: str = ""


class Gateway(Protocol):
    """Raises finance.errors.GatewayUnavailable from every method when the outcome is unknown."""

    name: str

    def charge(self, *, key: str, amount: Decimal, currency: str, card: Card) -> ChargeAnswer:
        """Charge a card; the same key again gives the first answer."""

    def status(self, *, key: str) -> ChargeAnswer | None:
        """Say how a charge stands; None when the gateway never heard of it."""

    def challenge(self, *, reference: str, code: str) -> ChargeAnswer:
        """Answer the card holder's check. Raises: ChallengeRefused."""

    def refund(self, *, key: str, charge_reference: str, amount: Decimal) -> str:
        """Pay back to the card and return the refund's reference. Raises: FinanceError when refused for good."""
