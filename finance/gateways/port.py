"""
What we ask of a payment gateway, whichever it is.

Every call that moves money carries a key made from our own row, so that asking twice charges or refunds once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from finance.enums import PaymentStatus, RefundStatus


@dataclass(frozen=True, kw_only=True, repr=False)
class Card:
    """Card details on their way to the gateway; never stored, never logged (no repr)."""

    number: str
    expiry: str
    code: str
    holder: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class CardToken:
    """A card that the gateway knows by a name of its own, such as Stripe's "pm_..."; its number never came here."""

    token: str


# None: the gateway's own form will ask for the card.
Means = Card | CardToken | None


@dataclass(frozen=True, kw_only=True)
class ChargeAnswer:
    """
    What the gateway says of a charge.

    Args:
        reference: the gateway's name of it; '' when it gave none.
        amount, currency: as the gateway has them; None when it did not say.
        client_secret: lets the card holder's browser finish the charge at the gateway; never stored.
    """

    reference: str
    status: PaymentStatus
    decline_reason: str = ""
    card_brand: str = ""
    card_last4: str = ""
    amount: Decimal | None = None
    currency: str = ""
    client_secret: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundAnswer:
    """What the gateway says of a refund; `status` requested means that it is still at it."""

    reference: str
    status: RefundStatus
    reason: str = ""


class Subject(StrEnum):
    """What a callback is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Callback:
    """
    A genuine message of a gateway. It says what to look at, never what is true: whoever acts on it asks the gateway.

    Args:
        callback_id: the gateway's own id of the message; the same when it is sent again.
        reference: the gateway's name of the charge or refund.
        key: our row's id, where the message carries it ('' otherwise).
    """

    callback_id: str
    kind: str
    subject: Subject
    reference: str
    key: str = ""


class Gateway(Protocol):
    """Raises finance.errors.GatewayUnavailable from every method that asks it, when the outcome is unknown."""

    name: str

    def means_check(self, *, means: Means, today: date) -> None:
        """Refuse what cannot be a card here, before anything is written. Raises: CardInvalid."""

    def create(self, *, key: str, amount: Decimal, currency: str, means: Means) -> ChargeAnswer:
        """Charge a card; the same key again gives the first charge."""

    def confirm(self, *, key: str, reference: str, code: str) -> ChargeAnswer:
        """Go on after the card holder's check. Raises: ChallengeRefused."""

    def status(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """Say how a charge stands; None when the gateway never heard of it. `reference` may be '' (answer lost)."""

    def abandon(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """Give a charge up, if it has not succeeded; then say how it stands, None when there was nothing to give up."""

    def refund(self, *, key: str, charge_reference: str, amount: Decimal, currency: str) -> RefundAnswer:
        """Pay back to the card. Raises: RefundRefused."""

    def refund_status(self, *, reference: str) -> RefundAnswer:
        """Say how a refund stands."""

    def callback_verify(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Callback:
        """Check that a message comes from the gateway and is fresh, and read it. Raises: CallbackForged."""
