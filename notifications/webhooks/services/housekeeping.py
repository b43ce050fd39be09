"""What is kept only for so long: the log, what waits for a paused endpoint, secrets that do not sign any more."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from documents.errors import DocumentStoreUnavailable
from documents.repositories import WebhookSecrets
from notifications.webhooks.enums import DeliveryStatus, EndpointStatus
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage

log = logging.getLogger(__name__)
S = DeliveryStatus
_BATCH = 1000
# A secret that no row names may be one whose row is being written at this moment.
_SECRET_SETTLES = timedelta(hours=1)


def webhooks_keep_house(*, now: datetime) -> int:
    """
    Give up what has waited for a paused endpoint for WEBHOOK_KEEP_DAYS, remove the log after WEBHOOK_LOG_DAYS, and
    forget secrets that have ended; in batches, each a transaction. Returns how many deliveries were removed.
    """
    _waiting_give_up(now)
    removed = _log_remove(now - timedelta(days=settings.WEBHOOK_LOG_DAYS))
    try:
        _secrets_forget(now)
    except DocumentStoreUnavailable as error:
        log.warning("Old webhook secrets stay until tomorrow: %s", error.message)
    return removed


def _waiting_give_up(now: datetime) -> None:
    days = settings.WEBHOOK_KEEP_DAYS
    WebhookDelivery.objects.filter(
        status=S.WAITING, endpoint__status=EndpointStatus.PAUSED, created_at__lt=now - timedelta(days=days)
    ).update(status=S.FAILED, done_at=now, latest_error=f"The endpoint was paused for more than {days} days.")


def _log_remove(before: datetime) -> int:
    removed = 0
    while True:
        with transaction.atomic():
            old = WebhookDelivery.objects.exclude(status=S.WAITING).filter(done_at__lt=before).order_by("done_at", "pk")
            ids = list(old.values_list("pk", flat=True)[:_BATCH])
            WebhookDelivery.objects.filter(pk__in=ids).delete()
        removed += len(ids)
        if len(ids) < _BATCH:
            break
    WebhookMessage.objects.filter(created_at__lt=before, deliveries=None).delete()
    return removed


def _secrets_forget(now: datetime) -> None:
    ended = WebhookEndpoint.objects.filter(previous_secret_until__lte=now)
    ended.update(previous_secret_id=None, previous_secret_until=None)
    for endpoint in WebhookEndpoint.objects.order_by("created_at", "id").iterator():
        named = [one for one in (endpoint.secret_id, endpoint.previous_secret_id) if one is not None]
        keep = [] if endpoint.status == EndpointStatus.REMOVED else named
        WebhookSecrets.forget(endpoint_id=endpoint.pk, keep=keep, before=now - _SECRET_SETTLES)
