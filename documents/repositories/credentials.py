"""Secrets of users, in Logs MongoDB: hashes, second factors, refresh tokens. Every write waits for the disk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from documents import codec, mongo
from documents.records import CredentialRecord, RefreshTokenRecord, SecondFactor
from documents.repositories.base import Index, Repository
from documents.repositories.by_key import KeyedRepository


class Credentials(KeyedRepository[CredentialRecord]):
    """Password hashes and second factors by user id; this is their only home."""

    store = staticmethod(mongo.logs)
    name = "credentials"
    key = "user_id"
    record = CredentialRecord
    indexes = (Index("by_user", (("user_id", 1),)),)
    is_journalled = True

    @classmethod
    def put(cls, record: CredentialRecord) -> None:
        """Keep this hash for the user, in place of any other; a second factor that is there stays."""
        changes = {"password_hash": record.password_hash, "updated_at": record.updated_at}
        if not cls._documents().update({"_id": record.user_id}, changes):
            cls._put(record)

    @classmethod
    def rehash(cls, *, user_id: int, old_hash: str, new_hash: str, now: datetime) -> bool:
        """Replace a hash by a stronger one of the same password; false when the password was changed meanwhile."""
        return cls._documents().update(
            {"_id": user_id, "password_hash": old_hash}, {"password_hash": new_hash, "updated_at": now}
        )

    @classmethod
    def factor_put(cls, *, user_id: int, factor: SecondFactor, seen: SecondFactor | None) -> bool:
        """
        Keep a second factor in place of the very one that was seen, None for none.

        Returns: false when another write came in between, or the user has no credentials here.
        """
        return cls._documents().update(_as_seen(user_id, seen), {"factor": codec.encode(factor)})

    @classmethod
    def factor_remove(cls, *, user_id: int, seen: SecondFactor) -> bool:
        """Remove the second factor that was seen; false when another write came in between."""
        return cls._documents().update(_as_seen(user_id, seen), {"factor": None})


def _as_seen(user_id: int, seen: SecondFactor | None) -> mongo.Document:
    if seen is None:
        return {"_id": user_id, "factor": None}
    return {"_id": user_id, "factor.ciphertext": seen.ciphertext, "factor.version": seen.version}


class TokenOutcome(StrEnum):
    """What became of an attempt to use a refresh token."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class TokenUse:
    """The outcome, and the token as it is now; the token is None only when it is unknown."""

    outcome: TokenOutcome
    token: RefreshTokenRecord | None


class RefreshTokens(Repository[RefreshTokenRecord]):
    """Refresh tokens by the hash of their text; each works once."""

    store = staticmethod(mongo.logs)
    name = "refresh_tokens"
    key = "token_hash"
    record = RefreshTokenRecord
    indexes = (
        Index("by_family", (("family", 1),)),
        Index("by_user", (("user_id", 1),)),
        # Kept a day past their end, so that late reuse is still told from a made-up token.
        Index("gone_after_end", (("expires_at", 1),), expire_after=timedelta(days=1)),
    )
    is_journalled = True

    @classmethod
    def add(cls, record: RefreshTokenRecord) -> bool:
        """
        Keep a new token.

        Returns: false when its family was revoked, also while this token was being written; it is revoked then too.
        """
        cls._documents().insert(cls._document(record))
        revoked = cls._documents().find_one({"family": record.family, "revoked_at": {"$ne": None}})
        if revoked is not None:
            cls.revoke_family(record.family, now=revoked["revoked_at"])
        return revoked is None

    @classmethod
    def get(cls, token_hash: str) -> RefreshTokenRecord | None:
        """Return the token, or None."""
        document = cls._documents().find_one({"_id": token_hash})
        return None if document is None else cls._record(document)

    @classmethod
    def use(cls, token_hash: str, *, now: datetime) -> TokenUse:
        """
        Use a token up; of any number of attempts at once exactly one is ACCEPTED.

        REUSED means that the token was used before: somebody has a copy, so the caller revokes the family.
        """
        usable = {"_id": token_hash, "used_at": None, "revoked_at": None, "expires_at": {"$gt": now}}
        is_accepted = cls._documents().update(usable, {"used_at": now})
        token = cls.get(token_hash)
        if token is None:
            return TokenUse(TokenOutcome.UNKNOWN, None)
        if is_accepted:
            return TokenUse(TokenOutcome.ACCEPTED, token)
        if token.revoked_at is not None:
            return TokenUse(TokenOutcome.REVOKED, token)
        if token.used_at is not None:
            return TokenUse(TokenOutcome.REUSED, token)
        return TokenUse(TokenOutcome.EXPIRED, token)

    @classmethod
    def revoke_family(cls, family: str, *, now: datetime) -> int:
        """Revoke every token that came from one sign-in; return how many were still unrevoked."""
        return cls._documents().update_all({"family": family, "revoked_at": None}, {"revoked_at": now})

    @classmethod
    def revoke_user(cls, user_id: int, *, now: datetime) -> int:
        """Revoke every token of a user, as after a changed password; return how many were still unrevoked."""
        return cls._documents().update_all({"user_id": user_id, "revoked_at": None}, {"revoked_at": now})
