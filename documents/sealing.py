"""
Seals of the audit trail: a keyed hash over an entry and the seal before it.

# Note [A keyed hash]
Whoever can write to the store could alter an entry and compute plain hashes anew up to the end. The key is made from
SECRET_KEY, which the store never sees; SECRET_KEY_FALLBACKS keep older entries provable after it was changed. See
docs/adr/0011.
"""

import dataclasses
import hmac
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from documents import codec
from documents.records import AuditRecord

_EMPTY = (None, "", "{}")


def sealed(record: AuditRecord, *, sequence: int, previous_seal: str) -> AuditRecord:
    """Return the record at its place in the chain, with its seal."""
    placed = dataclasses.replace(
        record, sequence=sequence, previous_seal=previous_seal, sealed_by=_name_of(settings.SECRET_KEY), seal=""
    )
    return dataclasses.replace(placed, seal=_seal_of(placed, settings.SECRET_KEY))


def key_name() -> str:
    """Return what entries call the key that seals them now."""
    return _name_of(settings.SECRET_KEY)


def is_known(name: str) -> bool:
    """Tell whether a key of this name is among ours."""
    return name in _keys()


def is_key_known(record: AuditRecord) -> bool:
    """Tell whether the key of the record's seal is among ours."""
    return is_known(record.sealed_by)


def is_genuine(record: AuditRecord) -> bool:
    """Tell whether the record is as it was when it was sealed, by a key of ours."""
    key = _keys().get(record.sealed_by)
    return key is not None and hmac.compare_digest(_seal_of(record, key), record.seal)


def _keys() -> dict[str, str | bytes]:
    return {_name_of(secret): secret for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}


def _name_of(secret: str | bytes) -> str:
    return salted_hmac("documents.sealing.name", "", secret=secret, algorithm="sha256").hexdigest()[:8]


def _seal_of(record: AuditRecord, secret: str | bytes) -> str:
    # Empty fields are left out, so that a field that records get later does not touch the seals of older ones.
    values = {name: value for name, value in codec.encode(record).items() if name != "seal" and value not in _EMPTY}
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return salted_hmac("documents.sealing", text, secret=secret, algorithm="sha256").hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    raise TypeError(f"{type(value).__name__} has no place in an audit entry.")
