"""The statements of a payment's record, written out: they run with every sale, while its booking is locked."""

from typing import Any
from uuid import UUID

from common.postgres.statements import Question, later
from finance.models import Payment

_COLUMNS = [field.attname for field in Payment._meta.concrete_fields]
_BOOKING = Payment._meta.get_field("booking").related_model
_LOCK = f"""
    SELECT {", ".join(f"p.{column}" for column in _COLUMNS)}, b.customer_id, b.launch_id
    FROM finance_payment p JOIN bookings_booking b ON b.id = p.booking_id
    WHERE p.id = %s FOR UPDATE OF p
"""  # noqa: S608 - column names of ours
_UPDATE = """
    UPDATE finance_payment SET status = %s, gateway_reference = %s, card_brand = %s, card_last4 = %s,
      decline_reason = %s, settled_at = %s
    WHERE id = %s
"""


def payment_locking(payment_id: UUID | str) -> Question[Payment]:
    """
    Lock a payment's row; its booking comes along with customer and launch only, the rest is read when asked for.

    Raises: Payment.DoesNotExist, when it is read.
    """
    return Question(_LOCK, [payment_id], _payment)


def _payment(found: list[Any]) -> Payment:
    if not found:
        raise Payment.DoesNotExist
    *values, customer_id, launch_id = found[0]
    payment = Payment.from_db("default", _COLUMNS, values)
    known = ["id", "customer_id", "launch_id"]
    payment.booking = _BOOKING.from_db("default", known, [payment.booking_id, customer_id, launch_id])  # type: ignore[assignment]
    return payment


def payment_update(payment: Payment) -> None:
    """Write what the gateway said of a locked payment."""
    card = (payment.card_brand, payment.card_last4)
    values = (payment.status, payment.gateway_reference, *card, payment.decline_reason, payment.settled_at, payment.pk)
    later(_UPDATE, values)
