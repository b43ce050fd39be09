"""The root of all expected failures; each package keeps its family in its own `errors`."""

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of failure it is; every door maps it to its own language (HTTP status, form error, exit code)."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    BUSY = "busy"


class DomainError(Exception):
    """
    An expected failure with a sentence fit for the person who caused it.

    Args:
        message: what happened and what to do; the class's own sentence when empty.
        fields: sentences by field name, for bad input.
        facts: values for machines and logs; never secrets.
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[Kind] = Kind.INVALID
    sentence: ClassVar[str] = "That did not work."
    # Whether what it tells is committed: a repeat with the same idempotency key then gets the same answer.
    is_committed: ClassVar[bool] = False

    def __init__(self, message: str = "", *, fields: dict[str, str] | None = None, **facts: Any) -> None:
        self.message = message or self.sentence.format(**facts)
        self.fields = fields or {}
        self.facts = facts
        super().__init__(self.message)


class InvalidInput(DomainError):
    """One or more fields are badly formed; `fields` says which and how to cure them."""

    code = "invalid_input"
    sentence = "Some answers need another look."


class NotFound(DomainError):
    """There is no such thing, or it is not the actor's to see."""

    code = "not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such thing here."


class Forbidden(DomainError):
    """The actor's role does not allow it."""

    code = "forbidden"
    kind = Kind.FORBIDDEN
    sentence = "Your role does not allow this."


class BodyTooLarge(DomainError):
    """More was sent than anything here takes."""

    code = "body_too_large"
    kind = Kind.TOO_LARGE
    sentence = "This is more than we take at once: at most {most_kb} KB. Nothing was changed; send less."


class Busy(DomainError):
    """Somebody else holds what this needs, or a part is away; trying again shortly helps."""

    code = "busy"
    kind = Kind.BUSY
    sentence = "We are busy right now. Nothing was changed; please try again in a moment."


def said(error: BaseException) -> str:
    """Return an error's kind and words as PostgreSQL can keep them, up to 2,000 characters."""
    text = f"{type(error).__name__}: {error}"[:2000].replace("\0", "?")
    return text.encode(errors="replace").decode()
