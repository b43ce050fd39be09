"""Pure rules: how long to wait between attempts, which moves employees may make, what a policy means in words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from common.dates import day_text, local_date, months_before
from common.money import format_money, percent_of
from notifications.enums import NotificationStatus

S = NotificationStatus

# An attempt's lease: longer than the slowest mail can take (ten steps of SMTP with 10 seconds each).
LEASE = timedelta(minutes=3)
GIVE_UP_AFTER = timedelta(hours=72)
_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
RETRYABLE = frozenset({S.FAILED, S.CANCELLED, S.PENDING, S.BOUNCED})
CANCELLABLE = frozenset({S.FAILED, S.PENDING})
# Also what was cancelled may have been told by telephone.
MARKABLE = frozenset({S.FAILED, S.PENDING, S.CANCELLED, S.BOUNCED})
MOVES = {"retry": RETRYABLE, "cancel": CANCELLABLE, "mark-sent": MARKABLE}


def address_digest(address: str) -> str:
    """
    Return what stands for an address in links that we sign: 32 hexadecimal digits, the same in any case.

    Who has a list of addresses can tell whose digest it is: what we keep is `tokens.address_marks`, made with our key.
    """
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts (1 or more)."""
    return _PAUSES[min(attempts, len(_PAUSES)) - 1]


def next_attempt_at(*, now: datetime, attempts: int, give_up_at: datetime) -> datetime | None:
    """Return when to try again, or nothing when that would be too late."""
    due_at = now + pause_after(attempts)
    return due_at if due_at <= give_up_at else None


@dataclass(frozen=True, kw_only=True)
class Tier:
    """So many percent come back until so many calendar months before departure."""

    months: int
    percent: int


def refund_sentences(
    *,
    tiers: Sequence[Tier],
    prices: Sequence[Decimal],
    currency: str,
    departure_at: datetime,
    zone: str,
    today: date,
    language: str = "en",
) -> list[str]:
    """
    Say a cancellation policy in plain words, with the amounts and dates of one booking.

    Args:
        prices: of each seat; refunds are rounded seat by seat, as they are paid.
        zone: the spaceport's; days are counted and end there.
        today: the spaceport's calendar date; tiers that are over are left out.
    """
    total = sum(prices, Decimal(0))
    departure_date = local_date(departure_at, zone)
    say = _SPANISH if language == "es" else _ENGLISH
    sentences = []
    for tier in sorted(tiers, key=lambda item: -item.months):
        last_day = months_before(departure_date, tier.months)
        back = sum((percent_of(price, tier.percent, currency) for price in prices), Decimal(0))
        if last_day >= today and back > 0:
            sentences.append(
                say["until"].format(
                    day=day_text(last_day, language),
                    back=format_money(back, currency, language),
                    total=format_money(total, currency, language),
                    percent=tier.percent,
                )
            )
    return [*sentences, say["later"]] if sentences else [say["over"]]


_ENGLISH = {
    "until": "Cancel by {day}: you get {back} of {total} back ({percent} %).",
    "later": "Later than that, nothing comes back.",
    "over": "The days for a refund are over: a cancellation by you gives nothing back.",
}
_SPANISH = {
    "until": "Si cancela hasta el {day}, le devolvemos {back} de {total} ({percent} %).",
    "later": "Después no se devuelve nada.",
    "over": "Los plazos de devolución han terminado: si cancela, no se devuelve nada.",
}
