"""What comes back when a supplier ends a booking, as `booking_cancel_for_supplier` gives it."""

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least

from bookings.models import Passenger


def comes_back(*, booking: str = "") -> Least:
    """
    Return the expression: the price of the seats a booking still has, as far as goodwill has not given it back already.

    What was kept of seats cancelled before stays kept (docs/invoices.md).

    Args:
        booking: the way to the booking with its two underscores, when the rows are not bookings themselves.
    """
    flying = Passenger.objects.filter(booking=OuterRef(f"{booking}pk"), cancelled_at=None)
    prices = flying.order_by().values("booking").annotate(total=Sum("price_amount")).values("total")
    return Least(
        Coalesce(Subquery(prices), Value(Decimal(0)), output_field=DecimalField()),
        F(f"{booking}price_amount") - F(f"{booking}refund_amount"),
    )
