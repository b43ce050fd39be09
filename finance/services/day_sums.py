"""
What a day brought, told to finance once: documents to customers, and cards that were declined.

One by one these are settled when they happen and ask nothing of anybody; their sum is what a clerk looks at.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Min, Sum

from common import outbox
from finance import events
from finance.enums import InvoiceKind, PaymentStatus
from finance.models import DaySum, Invoice, Payment

LOOKED_BACK = 7  # days that a scheduler may have stood still; older ones are not told any more


def days_sum_up(*, now: datetime) -> int:
    """
    Tell finance of the days (UTC) that are over and were not told yet; return how many had something to tell.

    In a new installation they begin with the day before.
    """
    today = now.astimezone(UTC).date()
    earliest = DaySum.objects.aggregate(day=Min("day"))["day"] or today - timedelta(days=1)
    days = [today - timedelta(days=number) for number in range(LOOKED_BACK, 0, -1)]
    known = set(DaySum.objects.filter(day__in=days).values_list("day", flat=True))
    return sum(_day_sum_up(day, now) for day in days if day >= earliest and day not in known)


def _day_sum_up(day: date, now: datetime) -> bool:
    with transaction.atomic():
        _, is_new = DaySum.objects.get_or_create(day=day, defaults={"told_at": now})
        figures = (*_documents(day), *_declined(day)) if is_new else ()
        if not figures:
            return False
        outbox.publish(events.DaySummedUp(day=day, figures=figures))
        return True


def _documents(day: date) -> list[events.DayFigure]:
    rows = Invoice.objects.filter(issued_on=day, kind__in=[InvoiceKind.CUSTOMER, InvoiceKind.CREDIT_NOTE])
    summed = rows.order_by().values_list("kind", "currency").annotate(number=Count("pk"), total=Sum("amount"))
    return [
        events.DayFigure(what=kind, currency=currency, count=number, amount=total)
        for kind, currency, number, total in summed.order_by("-kind", "currency")
    ]


def _declined(day: date) -> list[events.DayFigure]:
    begin = datetime.combine(day, time.min, tzinfo=UTC)
    rows = Payment.objects.filter(
        status=PaymentStatus.DECLINED, settled_at__gte=begin, settled_at__lt=begin + timedelta(days=1)
    )
    summed = rows.order_by().values_list("currency").annotate(number=Count("pk"), total=Sum("amount"))
    return [
        events.DayFigure(what="declined", currency=currency, count=number, amount=total)
        for currency, number, total in summed.order_by("currency")
    ]
