"""People look after refunds: those that keep failing, and goodwill."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction

from bookings import selectors as booking_selectors
from bookings import services as booking_services
from common import outbox
from common.errors import InvalidInput
from common.money import round_money
from finance import access, errors, events, policies
from finance.enums import RefundCause, RefundStatus
from finance.models import Refund
from finance.services.refunds import (
    event_values,
    payments_lock,
    refund_allocate,
    refund_lock,
    refund_send,
    refund_succeed,
    status_set,
)

if TYPE_CHECKING:
    from accounts.models import User


def refund_goodwill(
    *, actor: "User", reference: str, amount: Decimal, reason: str, now: datetime, key: str = ""
) -> list[Refund]:
    """
    Give a customer money back as goodwill, borne by the platform; documents and credit note follow the event.

    Args:
        amount: in the booking's currency.
        reason: for the credit note and the audit trail.
        key: of the form; sent twice, it gives one refund.
    Raises: Forbidden, BookingNotFound, InvalidInput, GoodwillTooHigh.
    """
    access.goodwill_check(actor)
    booking = booking_selectors.booking_get_for_employee(actor=actor, reference=reference)
    amount, reason = round_money(amount, booking.price_currency), " ".join(reason.split())
    problems = {"amount": "Give an amount above zero."} if amount <= 0 else {}
    if not 1 <= len(reason) <= 200:
        problems["reason"] = "Say why, in up to 200 characters."
    if problems:
        raise InvalidInput(fields=problems)
    source = f"goodwill:{key or uuid4().hex}"
    with transaction.atomic():
        payments_lock(booking_id=booking.pk)
        if made := list(Refund.objects.filter(dedupe_key__startswith=f"{source}:")):
            return made
        booking_services.goodwill_grant(booking_id=booking.pk, actor=actor, amount=amount, reason=reason, now=now)
        return refund_allocate(booking_id=booking.pk, amount=amount, cause=RefundCause.GOODWILL, source=source, now=now)


def refund_retry(*, actor: "User", refund_id: UUID | str, now: datetime) -> Refund:
    """
    Try a refund again now that keeps failing. Raises: Forbidden, RefundNotFound, RefundSettled.

    Returns: the refund as it then stands.
    """
    access.refund_desk_check(actor)
    with transaction.atomic():
        refund = refund_lock(refund_id=refund_id)
        if RefundStatus.SUCCEEDED not in policies.REFUND_MOVES[refund.status]:
            raise errors.RefundSettled
        changes = status_set(refund, RefundStatus.REQUESTED)
        refund.retry_at = now
        refund.save(update_fields=["status", "retry_at"])
        outbox.publish(events.RefundRetried(**event_values(refund), changes=changes), actor_id=actor.pk)
    refund_send(refund_id=refund_id, now=now)
    refund.refresh_from_db()
    return refund


def refund_paid_by_hand(*, actor: "User", refund_id: UUID | str, note: str, now: datetime) -> Refund:
    """
    Record that a failed refund was paid outside the gateway.

    Args:
        note: how and where, such as the bank transfer's number; up to 60 characters.
    Raises: Forbidden, InvalidInput, RefundNotFound, RefundSettled, RefundUnderWay.
    """
    access.refund_desk_check(actor)
    note = " ".join(note.split())
    if not 1 <= len(note) <= 60:
        raise InvalidInput(fields={"note": "Say how it was paid, in up to 60 characters."})
    with transaction.atomic():
        refund = refund_lock(refund_id=refund_id)
        if RefundStatus.SUCCEEDED not in policies.REFUND_MOVES[refund.status]:
            raise errors.RefundSettled
        if refund.status != RefundStatus.FAILED:
            raise errors.RefundUnderWay
        refund_succeed(refund, f"manual:{note}", now, actor_id=actor.pk, reason=f"paid by hand: {note}")
        return refund
