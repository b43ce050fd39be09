"""
What gateways tell us by themselves.

A message is only a reason to ask the gateway: what it claims is not believed. So it does not matter whether it comes
late, three times, or before the message that should have come first.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from common.errors import Busy
from finance import errors
from finance.gateways import SILENCES_MAX, gateway, sandbox
from finance.gateways.port import Subject
from finance.models import GatewayCallback, Payment, Refund
from finance.services.asking import payment_ask
from finance.services.refunds import refund_ask

log = logging.getLogger(__name__)
LOOKED_AT_FOR = timedelta(days=3)  # a message that we could not act on; afterwards it is left to reconcile_money


def callback_receive(*, name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> GatewayCallback:
    """
    Take a gateway's message: check that it is genuine, write it down once, act on it once.

    One that names a charge or refund we do not know is kept, for the job and for `reconcile_money`.

    Raises: CallbackForged (nothing is written), GatewayUnavailable when there is no such gateway here.
    """
    said = gateway(name).callback_verify(headers=headers, body=body, now=now)
    kept, is_new = GatewayCallback.objects.get_or_create(
        gateway=name,
        callback_id=said.callback_id,
        defaults={"kind": said.kind[:60], "reference": said.reference[:80], "received_at": now},
    )
    if not is_new:
        GatewayCallback.objects.filter(pk=kept.pk).update(times=F("times") + 1)
    if said.subject is Subject.OTHER:
        _done(kept, now)
    else:
        try:
            _act(kept, said.key, now)
        except (errors.GatewayUnavailable, Busy) as error:
            log.warning("Callback %s waits: %s", kept, error)
    return kept


def callbacks_settle(*, now: datetime) -> int:
    """Act on messages that could not be acted on when they came; return how many are done now."""
    waiting = GatewayCallback.objects.filter(handled_at=None, received_at__gt=now - LOOKED_AT_FOR).order_by("pk")
    done = silences = 0
    for kept in waiting:
        if silences == SILENCES_MAX:
            break
        try:
            done += _act(kept, "", now)
        except (errors.GatewayUnavailable, Busy) as error:
            silences += 1
            log.warning("Callback %s waits: %s", kept, error)
    return done


def sandbox_callbacks_send(*, now: datetime) -> int:
    """Play the sandbox that calls us about its slow charges: the same signed message through the same service."""
    charges = sandbox.charges_come_in()
    for charge in charges:
        headers, body = sandbox.callback_for(charge=charge, now=now)
        callback_receive(name=sandbox.SandboxGateway.name, headers=headers, body=body, now=now)
    return len(charges)


def _act(kept: GatewayCallback, key: str, now: datetime) -> bool:
    """Ask the gateway about what a message names; false when we do not know that. Raises: GatewayUnavailable, Busy."""
    if kept.handled_at is not None:
        return True
    try:
        if payment_id := _payment_id(kept, key):
            payment_ask(payment_id=payment_id, now=now, reference=kept.reference)
        elif refund_id := _refund_id(kept, key):
            refund_ask(refund_id=refund_id, reference=kept.reference, now=now)
        else:
            return False
    except (errors.GatewayUnavailable, Busy):
        raise
    except Exception:  # the gateway must not send it again and again for a fault of ours
        log.exception("Callback %s could not be acted on", kept)
        return False
    _done(kept, now)
    return True


def _done(kept: GatewayCallback, now: datetime) -> None:
    if kept.handled_at is None:
        kept.handled_at = now
        kept.save(update_fields=["handled_at"])


def _payment_id(kept: GatewayCallback, key: str) -> UUID | None:
    rows = Payment.objects.filter(gateway=kept.gateway)
    found = rows.filter(pk=key).first() if _is_uuid(key) else None
    if found is None and kept.reference:
        found = rows.filter(gateway_reference=kept.reference).first()
    return found.pk if found else None


def _refund_id(kept: GatewayCallback, key: str) -> UUID | None:
    rows = Refund.objects.filter(payment__gateway=kept.gateway)
    found = rows.filter(pk=key).first() if _is_uuid(key) else None
    if found is None and kept.reference:
        found = rows.filter(gateway_reference=kept.reference).first()
    return found.pk if found else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
