"""Where the mail's provider tells of mails that came back: django-anymail reads its messages, a secret proves them."""

import logging
from collections.abc import Callable
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import services
from notifications.enums import BounceKind
from notifications.rendering import METADATA

log = logging.getLogger(__name__)
READERS: dict[str, Any] = {
    "brevo": BrevoTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
# For good. What was only put off, or blocked for its content, says nothing of the address.
_HARD = frozenset({RejectReason.BOUNCED, RejectReason.INVALID})
# What django-anymail tells as bounced too although it may pass, such as a full mailbox: where each provider says so.
_SOFT: dict[str, Callable[[Any], bool]] = {
    "brevo": lambda raw: raw.get("event") == "soft_bounce",
    "postmark": lambda raw: raw.get("Type") == "SoftBounce",
    "resend": lambda raw: raw.get("data", {}).get("bounce", {}).get("type") == "Transient",
    "sparkpost": lambda raw: raw["msys"]["message_event"].get("bounce_class") in {"20", "21", "22", "23", "24", "70"},
}


@csrf_exempt  # a provider has no token of ours; its secret is the proof
@require_http_methods(["HEAD", "POST"])
def tracked(request: HttpRequest, provider: str) -> HttpResponse:
    """
    Take what the provider that carries our mails tells of them.

    404 without a secret in the settings, and for any other provider; 400 when it is not proven or cannot be read.
    """
    if provider not in READERS or provider != settings.MAIL_PROVIDER or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404
    if request.method == "HEAD":  # some look first whether we are here
        return HttpResponse()
    reader = READERS[provider]()
    try:
        reader.run_validators(request)  # raises SuspiciousOperation: 400; some read the message for it
        told = [event for event in reader.parse_events(request) if isinstance(event, AnymailTrackingEvent)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SuspiciousOperation("A provider's message cannot be read.") from error
    for event in told:
        _take(event, provider)
    return HttpResponse()


def _take(event: AnymailTrackingEvent, provider: str) -> None:
    kind = _kind(event, provider)
    number = str((event.metadata or {}).get(METADATA, ""))
    if kind is None or not event.recipient:
        return
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        log.info("A provider tells of a mail without a number of ours")
        return
    said = event.mta_response or event.description or ""
    services.bounce_record(
        notification_id=int(number), address=event.recipient, kind=kind, said=said, now=timezone.now()
    )


def _kind(event: AnymailTrackingEvent, provider: str) -> str | None:
    if event.event_type == EventType.COMPLAINED:
        return BounceKind.COMPLAINED.value
    is_hard = event.event_type in (EventType.BOUNCED, EventType.REJECTED) and event.reject_reason in _HARD
    if not is_hard or (provider in _SOFT and _SOFT[provider](event.esp_event)):
        return None
    return BounceKind.BOUNCED.value
