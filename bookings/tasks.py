"""Jobs, run by django-q2; safe to run twice."""

from django.utils import timezone

from bookings import services
from common import context
from common.context import Origin


def holds_expire() -> int:
    """Close lapsed holds and unpaid bookings; every minute."""
    with context.scope(origin=Origin.JOB, request_id=context.new_request_id()):
        return services.holds_expire(now=timezone.now())
