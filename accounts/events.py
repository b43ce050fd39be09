"""What happened to accounts. No event carries a link or a token: whoever tells people makes it at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class UserRegistered:
    """Somebody registered as a customer; the e-mail is not confirmed yet."""

    name: ClassVar[str] = "accounts.user.registered"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class EmailConfirmationRequested:
    """The link that confirms the e-mail is to be sent (again)."""

    name: ClassVar[str] = "accounts.user.confirmation_requested"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class AlreadyRegistered:
    """Somebody registered with the e-mail of an account that exists; its owner is told, the visitor is not."""

    name: ClassVar[str] = "accounts.user.already_registered"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class EmailConfirmed:
    """The e-mail is the user's."""

    name: ClassVar[str] = "accounts.user.email_confirmed"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class UserCreated:
    """A colleague or a command made the account; `kind` and `role` are codes of accounts.enums."""

    name: ClassVar[str] = "accounts.user.created"
    user_id: int
    kind: str
    role: str


@dataclass(frozen=True, kw_only=True)
class UserChanged:
    """
    An employee changed the account, or reconciliation its name.

    changes: {field: {"before": ..., "after": ...}} of each of `fields`.
    """

    name: ClassVar[str] = "accounts.user.changed"
    user_id: int
    fields: tuple[str, ...]
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ProfileChanged:
    """A customer changed the own profile; `fields` names what, for the profile itself stays in its document."""

    name: ClassVar[str] = "accounts.profile.changed"
    user_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested:
    """The link that sets a new password is to be sent."""

    name: ClassVar[str] = "accounts.user.password_reset_requested"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class PasswordChanged:
    """The password was changed, by its owner or by a reset; all other sessions and tokens ended."""

    name: ClassVar[str] = "accounts.user.password_changed"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class SignedOutEverywhere:
    """The user ended every own session and token."""

    name: ClassVar[str] = "accounts.user.signed_out_everywhere"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class SecondFactorEnrolled:
    """An employee set up a second factor; `is_next` when it takes the place of another one of the employee's."""

    name: ClassVar[str] = "accounts.user.second_factor_enrolled"
    user_id: int
    is_next: bool


@dataclass(frozen=True, kw_only=True)
class SecondFactorReset:
    """An admin took the second factor of another employee away; every session and token of theirs ended."""

    name: ClassVar[str] = "accounts.user.second_factor_reset"
    user_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed:
    """An employee used one of the recovery codes; `left` are left."""

    name: ClassVar[str] = "accounts.user.recovery_code_used"
    user_id: int
    left: int


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade:
    """An employee made new recovery codes; those before work no more."""

    name: ClassVar[str] = "accounts.user.recovery_codes_made"
    user_id: int


@dataclass(frozen=True, kw_only=True)
class UserReadingChanged:
    """The user chose in which language and time zone to be written to."""

    name: ClassVar[str] = "accounts.user.reading_changed"
    user_id: int
    language: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class SignedInFromNewPlace:
    """The user signed in from a browser or network not seen before; `client` is its kind, like "Firefox, Linux"."""

    name: ClassVar[str] = "accounts.user.signed_in_from_new_place"
    user_id: int
    client: str
