"""
The built-in gateway for trying: test cards decide what happens. It keeps books and a clock of its own, so a repeated
key, a later question or a refund gets the truth, as from a real provider, and it sends signed callbacks.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.postgres import statements
from finance import policies
from finance.enums import PaymentStatus, RefundStatus
from finance.errors import CallbackForged, CardInvalid, ChallengeRefused, GatewayUnavailable, RefundRefused
from finance.gateways.port import Callback, Card, ChargeAnswer, Means, RefundAnswer, Subject
from finance.models import SandboxCharge, SandboxRefund

CHALLENGE_CODE = "123456"
SLOW_FOR = timedelta(seconds=45)
REFUND_AWAY_FOR = timedelta(seconds=90)  # counted from the first time that a refund is asked for
CALLBACK_FRESH_FOR = timedelta(minutes=5)
SIGNATURE_HEADER = "Sandbox-Signature"


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
    TestCard("4000 0000 0000 0077", "is slow: pays within a minute or two", "slow"),
    TestCard("4000 0000 0000 0259", "charges, but the answer is lost; known a minute later", "lost"),
    TestCard("4000 0000 0000 5126", "pays; a refund fails at first and goes through minutes later", "refund_later"),
    TestCard("4000 0000 0000 3220", "pays; a refund is refused for good", "no_refund"),
)
_BY_NUMBER = {card.number.replace(" ", ""): card for card in TEST_CARDS}
_STATUS = {
    "succeeded": PaymentStatus.SUCCEEDED,
    "lost": PaymentStatus.SUCCEEDED,
    "no_refund": PaymentStatus.SUCCEEDED,
    "refund_later": PaymentStatus.SUCCEEDED,
    "declined": PaymentStatus.DECLINED,
    "challenge": PaymentStatus.CHALLENGE,
    "given_up": PaymentStatus.ABANDONED,
}


class SandboxGateway:
    """The default gateway; see TEST_CARDS."""

    name = "sandbox"

    def means_check(self, *, means: Means, today: date) -> None:
        """Take cards by their number only: they are test cards."""
        if not isinstance(means, Card):
            raise CardInvalid(fields={"number": "The sandbox takes the numbers of its test cards, no tokens."})
        if problems := policies.card_problems(number=means.number, expiry=means.expiry, code=means.code, today=today):
            raise CardInvalid(fields=problems)

    def create(self, *, key: str, amount: Decimal, currency: str, means: Means) -> ChargeAnswer:
        """Charge a test card; other numbers are declined."""
        assert isinstance(means, Card)  # noqa: S101 - means_check came before
        digits = "".join(character for character in means.number if character.isdigit())
        known = _BY_NUMBER.get(digits)
        now = timezone.now()
        kept = SandboxCharge(
            key=key,
            reference=f"sb_{secrets.token_hex(10)}",
            amount=amount,
            currency=currency,
            outcome=known.outcome if known else "declined",
            decline_reason=known.decline_reason if known else "only test cards work in the sandbox",
            card_last4=digits[-4:],
            is_refundable=known is None or known.outcome != "no_refund",
            settles_at=now + SLOW_FOR if known and known.outcome == "slow" else None,
            created_at=now,
        )
        is_new = statements.row_insert(kept, unless_key_exists="key")
        if not is_new:
            kept = SandboxCharge.objects.get(key=key)
        if is_new and kept.outcome == "lost":
            raise GatewayUnavailable("The gateway's answer was lost.")
        return _answer(kept)

    def confirm(self, *, key: str, reference: str, code: str) -> ChargeAnswer:
        """Check the code that the bank would have sent."""
        with transaction.atomic():
            kept = SandboxCharge.objects.select_for_update().get(reference=reference)
            if kept.outcome == "challenge":
                if code.strip() != CHALLENGE_CODE:
                    raise ChallengeRefused(fields={"code": ChallengeRefused.sentence})
                kept.outcome = "succeeded"
                kept.save(update_fields=["outcome"])
        return _answer(kept)

    def status(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """Look the charge up."""
        kept = SandboxCharge.objects.filter(key=key).first()
        return _answer(kept) if kept else None

    def abandon(self, *, key: str, reference: str, amount: Decimal, currency: str) -> ChargeAnswer | None:
        """Close a charge that waits for a code."""
        with transaction.atomic():
            kept = SandboxCharge.objects.select_for_update().filter(key=key).first()
            if kept is not None and kept.outcome == "challenge":
                kept.outcome = "given_up"
                kept.save(update_fields=["outcome"])
        return _answer(kept) if kept else None

    def refund(self, *, key: str, charge_reference: str, amount: Decimal, currency: str) -> RefundAnswer:
        """Pay back at most what was charged."""
        with transaction.atomic():
            charge = SandboxCharge.objects.select_for_update().get(reference=charge_reference)
            kept = SandboxRefund.objects.filter(key=key).first()
            if kept is None and not _is_refund_away(charge):
                back = charge.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)
                if not charge.is_refundable:
                    raise RefundRefused("The card's bank refused the refund: the account is closed.")
                if _answer(charge).status != PaymentStatus.SUCCEEDED or back + amount > charge.amount:
                    raise RefundRefused("The gateway refused the refund: it exceeds what was charged.")
                kept = SandboxRefund.objects.create(
                    key=key, charge=charge, reference=f"sr_{secrets.token_hex(10)}", amount=amount
                )
        if kept is None:  # after the commit, so that the bank's pause is remembered
            raise RefundRefused("The card's bank does not take refunds just now.")
        return RefundAnswer(reference=kept.reference, status=RefundStatus.SUCCEEDED)

    def refund_status(self, *, reference: str) -> RefundAnswer:
        """Say that a refund it made is paid."""
        return RefundAnswer(reference=reference, status=RefundStatus.SUCCEEDED)

    def callback_verify(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Callback:
        """Check the signature over instant and body."""
        sent_at, _, signature = headers.get(SIGNATURE_HEADER, "").partition(".")
        if not sent_at.isdecimal() or not hmac.compare_digest(signature.encode(), _signature(sent_at, body).encode()):
            raise CallbackForged
        if abs(now.timestamp() - int(sent_at)) > CALLBACK_FRESH_FOR.total_seconds():
            raise CallbackForged
        try:
            said: dict[str, str] = json.loads(body)
            return Callback(
                callback_id=said["id"],
                kind=said["kind"],
                subject=Subject.PAYMENT,
                reference=said["reference"],
                key=said["key"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CallbackForged from error


def charges_come_in() -> list[SandboxCharge]:
    """Let slow charges come to rest whose time has come; each is returned once, for its callback."""
    due = SandboxCharge.objects.filter(outcome="slow", settles_at__lte=timezone.now()).order_by("pk")
    return [charge for charge in due if SandboxCharge.objects.filter(pk=charge.pk, outcome="slow").update(
        outcome="succeeded"
    )]  # fmt: skip


def callback_for(*, charge: SandboxCharge, now: datetime) -> tuple[dict[str, str], bytes]:
    """Write the message that a charge came to rest; return its headers and body, signed as of `now`."""
    said = {"id": f"{charge.reference}.paid", "kind": "charge.paid", "reference": charge.reference, "key": charge.key}
    return callback_signed(body=json.dumps(said).encode(), now=now)


def callback_signed(*, body: bytes, now: datetime) -> tuple[dict[str, str], bytes]:
    """Sign a message as the sandbox does."""
    sent_at = str(int(now.timestamp()))
    return {SIGNATURE_HEADER: f"{sent_at}.{_signature(sent_at, body)}"}, body


def _signature(sent_at: str, body: bytes) -> str:
    return salted_hmac("finance.gateways.sandbox", sent_at.encode() + b"." + body, algorithm="sha256").hexdigest()


def _is_refund_away(charge: SandboxCharge) -> bool:
    if charge.outcome != "refund_later":
        return False
    if charge.settles_at is None:
        charge.settles_at = timezone.now() + REFUND_AWAY_FOR
        charge.save(update_fields=["settles_at"])
    return charge.settles_at > timezone.now()


def _answer(kept: SandboxCharge) -> ChargeAnswer:
    if kept.outcome == "slow":
        is_settled = kept.settles_at is not None and kept.settles_at <= timezone.now()
        status = PaymentStatus.SUCCEEDED if is_settled else PaymentStatus.PROCESSING
    else:
        status = _STATUS[kept.outcome]
    return ChargeAnswer(
        reference=kept.reference,
        status=status,
        decline_reason=kept.decline_reason,
        card_brand="Test card",
        card_last4=kept.card_last4,
        amount=kept.amount,
        currency=kept.currency,
    )
