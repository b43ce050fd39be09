"""API tokens: a short signed one for calls, a long random one that is exchanged for the next pair, once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts import errors, selectors, tokens
from accounts.models import User
from documents.records import RefreshTokenRecord
from documents.repositories import RefreshTokens, TokenOutcome

_REFRESH = "accounts.refresh"


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """What an API client gets; `expires_in` is the life of the access token in seconds."""

    access: str
    refresh: str
    expires_in: int


def token_pair_issue(*, user: User, now: datetime) -> TokenPair:
    """
    Give a signed-in user a first pair of tokens.

    Raises: DocumentStoreUnavailable.
    """
    # The fingerprint in the family's name ends all its tokens with the password, without a second write.
    return _issue(user, f"{secrets.token_hex(12)}.{tokens.fingerprint(user, _REFRESH)}", now)


def token_refresh(*, refresh: str, now: datetime) -> TokenPair:
    """
    Exchange a refresh token for the next pair.

    Each works once: whoever uses one again ends the whole family, for one of the two users of that token is a thief.

    Raises: TokenInvalid, DocumentStoreUnavailable.
    """
    use = RefreshTokens.use(_hash(refresh), now=now)
    if use.token is None:
        raise errors.TokenInvalid
    if use.outcome is TokenOutcome.REUSED:
        RefreshTokens.revoke_family(use.token.family, now=now)
    if use.outcome is not TokenOutcome.ACCEPTED:
        raise errors.TokenInvalid
    user = selectors.user_active(user_id=use.token.user_id)
    fingerprint = use.token.family.partition(".")[2]
    if user is None or not tokens.matches(user, _REFRESH, fingerprint):
        RefreshTokens.revoke_family(use.token.family, now=now)
        raise errors.TokenInvalid
    return _issue(user, use.token.family, now)


def token_revoke(*, refresh: str, now: datetime) -> None:
    """
    End the sign-in that a refresh token belongs to; an unknown token is as good as ended (RFC 7009, section 2.2).

    Raises: DocumentStoreUnavailable.
    """
    token = RefreshTokens.get(_hash(refresh))
    if token is not None:
        RefreshTokens.revoke_family(token.family, now=now)


def _issue(user: User, family: str, now: datetime) -> TokenPair:
    refresh = secrets.token_urlsafe(32)
    record = RefreshTokenRecord(
        token_hash=_hash(refresh),
        family=family,
        user_id=user.pk,
        issued_at=now,
        expires_at=now + settings.REFRESH_TOKEN_MAX_AGE,
    )
    if not RefreshTokens.add(record):
        raise errors.TokenInvalid
    return TokenPair(
        access=tokens.make(user=user, purpose=tokens.ACCESS, now=now),
        refresh=refresh,
        expires_in=int(settings.ACCESS_TOKEN_MAX_AGE.total_seconds()),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
