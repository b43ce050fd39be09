"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, timestamp and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
_SECRET_BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    """Return a fresh secret as its owner is shown it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(*, secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, with its version: "v1,<base64>"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(*, signing_secrets: Iterable[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers; with two secrets, as after a rotation, both signatures."""
    timestamp = int(sent_at.timestamp())
    signed = [
        signature(secret=secret, message_id=message_id, timestamp=timestamp, body=body) for secret in signing_secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signed),
    }
