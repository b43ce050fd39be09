"""
The built-in gateway for trying: test cards decide what happens. It keeps books of its own, so a repeated key, a later
question or a refund gets the truth, as from a real provider.
"""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from finance.enums import PaymentStatus
from finance.errors import ChallengeRefused, FinanceError, GatewayUnavailable
from finance.gateways import Card, ChargeAnswer
from finance.models import SandboxCharge, SandboxRefund

CHALLENGE_CODE = "123456"


@dataclass(frozen=True)
class TestCard:
    """A number and what it does."""

    __test__ = False  # not a test class

    number: str
    effect: str
    outcome: str
    decline_reason: str = ""


TEST_CARDS = (
    TestCard("4242 4242 4242 4242", "pays", "succeeded"),
    TestCard("4000 0000 0000 0002", "is declined", "declined", "the bank refused it"),
    TestCard("4000 0000 0000 9995", "is declined: insufficient funds", "declined", "insufficient funds"),
    TestCard("4000 0025 0000 3155", f"asks for a code ({CHALLENGE_CODE}), then pays", "challenge"),
    TestCard("4000 0000 0000 0259", "charges, but the answer is lost; known a minute later", "lost"),
    TestCard("4000 0000 0000 3220", "pays; a later refund fails", "no_refund"),
)
_BY_NUMBER = {card.number.replace(" ", ""): card for card in TEST_CARDS}
_STATUS = {
    "succeeded": PaymentStatus.SUCCEEDED,
    "lost": PaymentStatus.SUCCEEDED,
    "no_refund": PaymentStatus.SUCCEEDED,
    "declined": PaymentStatus.DECLINED,
    "challenge": PaymentStatus.CHALLENGE,
}


class SandboxGateway:
    """The default gateway; see TEST_CARDS."""

    name = "sandbox"

    def charge(self, *, key: str, amount: Decimal, currency: str, card: Card) -> ChargeAnswer:
        """Charge a test card; other numbers are declined."""
        digits = "".join(character for character in card.number if character.isdigit())
        known = _BY_NUMBER.get(digits)
        kept, is_new = SandboxCharge.objects.get_or_create(
            key=key,
            defaults={
                "reference": f"sb_{secrets.token_hex(10)}",
                "amount": amount,
                "currency": currency,
                "outcome": known.outcome if known else "declined",
                "decline_reason": known.decline_reason if known else "only test cards work in the sandbox",
                "card_last4": digits[-4:],
                "is_refundable": known is None or known.outcome != "no_refund",
            },
        )
        if is_new and kept.outcome == "lost":
            raise GatewayUnavailable("The gateway's answer was lost.")
        return _answer(kept)

    def status(self, *, key: str) -> ChargeAnswer | None:
        """Look the charge up."""
        kept = SandboxCharge.objects.filter(key=key).first()
        return _answer(kept) if kept else None

    def challenge(self, *, reference: str, code: str) -> ChargeAnswer:
        """Check the code that the bank would have sent."""
        with transaction.atomic():
            kept = SandboxCharge.objects.select_for_update().get(reference=reference)
            if kept.outcome == "challenge":
                if code.strip() != CHALLENGE_CODE:
                    raise ChallengeRefused(fields={"code": ChallengeRefused.sentence})
                kept.outcome = "succeeded"
                kept.save(update_fields=["outcome"])
        return _answer(kept)

    def refund(self, *, key: str, charge_reference: str, amount: Decimal) -> str:
        """Pay back at most what was charged."""
        with transaction.atomic():
            charge = SandboxCharge.objects.select_for_update().get(reference=charge_reference)
            if kept := SandboxRefund.objects.filter(key=key).first():
                return kept.reference
            back = charge.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)
            if not charge.is_refundable:
                raise FinanceError("The card's bank refused the refund: the account is closed.")
            if _STATUS[charge.outcome] != PaymentStatus.SUCCEEDED or back + amount > charge.amount:
                raise FinanceError("The gateway refused the refund: it exceeds what was charged.")
            made = SandboxRefund.objects.create(
                key=key, charge=charge, reference=f"sr_{secrets.token_hex(10)}", amount=amount
            )
        return made.reference


def _answer(kept: SandboxCharge) -> ChargeAnswer:
    return ChargeAnswer(
        reference=kept.reference,
        status=_STATUS[kept.outcome],
        decline_reason=kept.decline_reason,
        card_brand="Test card",
        card_last4=kept.card_last4,
    )
