"""
Signed texts that stand for a person for a while: in links and in API calls. Nothing of them is stored.

Each carries the user, when it was made, and a fingerprint of the credential stamp, so it dies with the password.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

if TYPE_CHECKING:
    from accounts.models import User

ACCESS = "accounts.access"
CONFIRMATION = "accounts.confirmation"


def fingerprint(user: User, purpose: str) -> str:
    """Return a text that changes with the user's password or e-mail, and tells nothing of either."""
    stands_for = f"{user.credential_stamp}:{user.email}"
    if user.needs_second_factor:  # switching it on ends what a password alone began
        stands_for += ":second factor"
    return salted_hmac(purpose, stands_for, algorithm="sha256").hexdigest()[:32]


def make(*, user: User, purpose: str, now: datetime) -> str:
    """Return a signed text for a user and a purpose."""
    body = {"u": user.pk, "f": fingerprint(user, purpose), "t": int(now.timestamp())}
    return signing.Signer(salt=purpose).sign_object(body)


def read(*, token: str, purpose: str, max_age: timedelta, now: datetime) -> tuple[int, str] | None:
    """Return (user id, fingerprint) of a text that we signed for this purpose within `max_age`, else None."""
    try:
        body: Any = signing.Signer(salt=purpose).unsign_object(token)
        age = now.timestamp() - body["t"]
        found = int(body["u"]), str(body["f"])
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return None
    # A clock of another process may be a little ahead.
    return found if -60 < age < max_age.total_seconds() else None


def matches(user: User, purpose: str, given: str) -> bool:
    """Tell whether a fingerprint is the user's present one."""
    return constant_time_compare(fingerprint(user, purpose), given)
