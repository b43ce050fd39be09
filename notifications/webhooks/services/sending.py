"""
Out of the queue: claim an endpoint, send its oldest delivery, record.

# Note [One attempt at a time per endpoint]
The lease lies on the endpoint, not on the delivery: whoever has it sends the oldest waiting one, so that no two workers
ever send to one receiver, and none overtakes another. While that one is not taken, those behind it wait. Slow receivers
hold up a thread each, never the database and never each other.

The claim, with the attempt's row, is committed before anything is sent; what came of it is committed after. A worker
killed in between leaves an attempt without an end; when the lease is over the same message goes out again with the same
id, by which receivers know it.
"""

import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from common.errors import InvalidInput
from documents.errors import DocumentStoreUnavailable, SecretUnreadable
from documents.repositories import WebhookSecrets
from notifications import events
from notifications.webhooks import policies, signing, targets, transport
from notifications.webhooks.enums import DeliveryStatus, EndpointStatus, PauseCause
from notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks.services.telling import publish
from notifications.webhooks.transport import Answer

log = logging.getLogger(__name__)
S = DeliveryStatus
_LOOK_AGAIN_S = 1.0  # while receivers take their time: for what has become due meanwhile
_STORE_AWAY_PAUSE = timedelta(seconds=30)
_GONE = 410
USER_AGENT = "AstroBookings-Webhooks/1"


@dataclass(kw_only=True)
class Outcome:
    """
    What one round of sending did.

    is_store_away: nothing can be signed just now. is_cut_short: its time was up, and more may be due.
    """

    delivered: int = 0
    failed: int = 0
    paused: int = 0
    is_store_away: bool = False
    is_cut_short: bool = False

    @property
    def handled(self) -> int:
        """How many attempts were made."""
        return self.delivered + self.failed


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """An attempt that is ours to make."""

    endpoint: WebhookEndpoint
    delivery: WebhookDelivery
    attempt: WebhookAttempt
    lease: uuid.UUID


@dataclass(kw_only=True)
class _Clock:
    """The instant that the caller gave, and what has passed since."""

    began_at: datetime
    began: float = field(default_factory=time.monotonic)

    @property
    def passed_s(self) -> float:
        return time.monotonic() - self.began

    def now(self) -> datetime:
        return self.began_at + timedelta(seconds=self.passed_s)


def webhooks_send_due(*, now: datetime, limit: int, for_s: float | None = None) -> Outcome:
    """
    Make up to `limit` attempts that are due, WEBHOOKS_AT_ONCE at a time, each to another endpoint.

    for_s: after so many seconds no other attempt is begun; those under way are waited for. None for no limit.

    Any number of processes may do so at once. Opens its own transactions, and must not be called within one.
    """
    outcome, clock = Outcome(), _Clock(began_at=now)
    under_way: dict[Future[Answer], _Claim] = {}
    secrets: dict[uuid.UUID, str | None] = {}  # of this round; what an id stands for never changes
    started = 0
    with ThreadPoolExecutor(max_workers=settings.WEBHOOKS_AT_ONCE, thread_name_prefix="webhooks") as threads:
        while True:
            while started < limit and len(under_way) < settings.WEBHOOKS_AT_ONCE and not outcome.is_store_away:
                if started and for_s is not None and clock.passed_s >= for_s:
                    outcome.is_cut_short = True
                    break
                claim = _claim(now=clock.now())
                if claim is None:
                    break
                started += 1
                try:
                    call = _call(claim, secrets=secrets, now=clock.now())
                except DocumentStoreUnavailable as error:
                    log.warning("Webhooks wait: %s", error.message)
                    outcome.is_store_away = True
                    _give_back(claim, now=clock.now())
                else:
                    under_way[threads.submit(call)] = claim
            if not under_way:
                return outcome
            done, _ = wait(under_way, timeout=_LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
            for future in done:
                _record(under_way.pop(future), future.result(), now=clock.now(), outcome=outcome)


@transaction.atomic(durable=True)
def _claim(*, now: datetime) -> _Claim | None:
    for _ in range(3):  # what was found may be done by the time it is locked; then it is not found again
        endpoint = _claimable(now).first()
        if endpoint is None:
            return None
        delivery = _next_of(endpoint, now)
        if delivery is not None:
            return _taken(endpoint, delivery, now)
    return None


def _claimable(now: datetime) -> QuerySet[WebhookEndpoint]:
    waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status=S.WAITING)
    is_free = Q(leased_until=None) | Q(leased_until__lte=now)
    is_due = Q(status=EndpointStatus.ACTIVE, due_at__lte=now) & Exists(waiting)
    rows = WebhookEndpoint.objects.exclude(status=EndpointStatus.REMOVED).filter(is_free)
    rows = rows.filter(is_due | Exists(waiting.filter(is_test=True)))
    return rows.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))


def _next_of(endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery | None:
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=S.WAITING).select_related("message")
    if not (endpoint.is_active and endpoint.due_at <= now):
        waiting = waiting.filter(is_test=True)
    return waiting.order_by("-is_test", "pk").first()


def _taken(endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> _Claim:
    lease = endpoint.lease = uuid.uuid4()
    endpoint.leased_until = now + timedelta(seconds=settings.WEBHOOK_TIMEOUT_S) + policies.LEASE_MARGIN
    endpoint.save(update_fields=["lease", "leased_until"])
    delivery.attempts += 1
    delivery.save(update_fields=["attempts"])
    attempt = WebhookAttempt.objects.create(delivery=delivery, started_at=now)
    return _Claim(endpoint=endpoint, delivery=delivery, attempt=attempt, lease=lease)


def _call(claim: _Claim, *, secrets: dict[uuid.UUID, str | None], now: datetime) -> Callable[[], Answer]:
    """
    Make ready what a thread is to do: everything it needs, nothing of the database.

    Raises: DocumentStoreUnavailable.
    """
    message, body = claim.delivery.message, claim.delivery.message.body.encode()
    try:
        target = targets.target_of(claim.endpoint.url)
        signed = signing.headers(
            signing_secrets=_secrets(claim.endpoint, known=secrets, now=now),
            message_id=message.public_id,
            sent_at=now,
            body=body,
        )
    except InvalidInput as error:
        return partial(Answer, error=error.fields["url"])
    except SecretUnreadable as error:
        return partial(Answer, error=error.message)
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **signed}
    return partial(transport.post, target=target, headers=headers, body=body, timeout_s=settings.WEBHOOK_TIMEOUT_S)


def _secrets(endpoint: WebhookEndpoint, *, known: dict[uuid.UUID, str | None], now: datetime) -> list[str]:
    wanted = [endpoint.secret_id]
    until = endpoint.previous_secret_until
    if endpoint.previous_secret_id is not None and until is not None and now < until:
        wanted.append(endpoint.previous_secret_id)
    for secret_id in wanted:
        if secret_id not in known:
            known[secret_id] = WebhookSecrets.get(secret_id=secret_id, endpoint_id=endpoint.pk)
    if known[endpoint.secret_id] is None:
        raise SecretUnreadable
    return [secret for secret_id in wanted if (secret := known[secret_id]) is not None]


@transaction.atomic(durable=True)
def _record(claim: _Claim, answer: Answer, *, now: datetime, outcome: Outcome) -> None:
    """Write what came of an attempt; one that took longer than its lease has nothing to say but its own line."""
    _attempt_end(claim.attempt, answer, now)
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=claim.endpoint.pk, lease=claim.lease).first()
    if endpoint is None:
        log.warning("Endpoint %s was taken up again by somebody else: the attempt took too long", claim.endpoint.pk)
        return
    endpoint.lease = endpoint.leased_until = None
    delivery = WebhookDelivery.objects.select_for_update().get(pk=claim.delivery.pk)
    delivery.latest_status_code, delivery.latest_error = answer.status_code, answer.error[:300]
    if answer.is_success:
        outcome.delivered += 1
        _delivered(endpoint, delivery, now)
    else:
        outcome.failed += 1
        outcome.paused += _not_delivered(endpoint, delivery, claim.attempt, answer, now)
    delivery.save()
    endpoint.save()
    log.info(
        "Webhook %s to endpoint %s: %s",
        claim.delivery.message.public_id,
        endpoint.pk,
        answer.status_code or "no answer",
    )


def _attempt_end(attempt: WebhookAttempt, answer: Answer, now: datetime) -> None:
    attempt.finished_at, attempt.duration_ms = now, answer.duration_ms
    attempt.status_code, attempt.answer, attempt.error = answer.status_code, answer.body, answer.error[:300]
    attempt.save()


def _delivered(endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> None:
    delivery.status, delivery.done_at = S.DELIVERED, now
    endpoint.latest_success_at = endpoint.due_at = now  # a test that is taken shows that the rest need not wait
    if not delivery.is_test:
        endpoint.failures, endpoint.failing_since, endpoint.latest_error = 0, None, ""


def _not_delivered(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, attempt: WebhookAttempt, answer: Answer, now: datetime
) -> bool:
    """Return whether that pauses the endpoint."""
    if delivery.is_test:
        if delivery.status == S.WAITING:
            delivery.status, delivery.done_at = S.FAILED, now
        return False
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or attempt.started_at
    endpoint.latest_error = answer.error[:300]
    if not endpoint.is_active:  # somebody paused or removed it meanwhile
        return False
    if answer.status_code == _GONE:
        return _pause(endpoint, PauseCause.GONE, now)
    due_at = policies.next_attempt_at(
        now=now,
        failures=endpoint.failures,
        failing_since=endpoint.failing_since,
        asked_for=policies.retry_after_at(answer.retry_after, now=now),
    )
    if due_at is None:
        return _pause(endpoint, PauseCause.FAILING, now)
    endpoint.due_at = due_at
    return False


def _pause(endpoint: WebhookEndpoint, cause: PauseCause, now: datetime) -> bool:
    """Pause it by ourselves: what waits stays, and its owners get a mail. The caller saves."""
    endpoint.status, endpoint.pause_cause, endpoint.paused_at = EndpointStatus.PAUSED, cause, now
    publish(events.WebhookPaused, endpoint, actor_id=None, cause=str(cause), error=endpoint.latest_error)
    return True


@transaction.atomic(durable=True)
def _give_back(claim: _Claim, *, now: datetime) -> None:
    """Undo a claim whose attempt could not be made, which is not the receiver's fault."""
    claim.attempt.delete()
    WebhookDelivery.objects.filter(pk=claim.delivery.pk).update(attempts=F("attempts") - 1)
    WebhookEndpoint.objects.filter(pk=claim.endpoint.pk, lease=claim.lease).update(
        lease=None, leased_until=None, due_at=now + _STORE_AWAY_PAUSE
    )
