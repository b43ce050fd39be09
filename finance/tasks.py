"""Jobs, run by django-q2; safe to run twice."""

from django.utils import timezone

from common import context
from common.context import Origin
from finance import services


def payments_settle() -> int:
    """Find out about open payments, send due refunds, act on callbacks that came too early; every minute."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        now = timezone.now()
        return (
            services.sandbox_callbacks_send(now=now)
            + services.payments_settle(now=now)
            + services.callbacks_settle(now=now)
            + services.refunds_send_due(now=now)
        )


def launches_settle() -> int:
    """Issue statements and invoices of launches that are over; every five minutes."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        return services.launches_settle_due(now=timezone.now())


def invoices_chase() -> int:
    """Mark overdue invoices and remind of them; daily."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        return services.invoices_chase(now=timezone.now())


def payouts_send() -> int:
    """Pay suppliers what their statements say; daily."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        return services.payouts_send_due(now=timezone.now())
