"""Jobs, run by django-q2; safe to run twice."""

from django.utils import timezone

from common import context
from common.context import Origin
from finance import services


def payments_settle() -> int:
    """Find out about open payments and send due refunds; every minute."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        now = timezone.now()
        return services.payments_settle(now=now) + services.refunds_send_due(now=now)
