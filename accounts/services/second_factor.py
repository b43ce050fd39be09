"""
The second factor of employees: set up, checked, moved to another device, reset.

Every change is made to the very document that was read, so of two uses of a code at the same moment one wins.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts import access, errors, events, second_factor, selectors
from accounts.enums import UserKind
from accounts.models import User, new_stamp
from common import outbox
from common.errors import Forbidden, InvalidInput
from documents import cipher
from documents.errors import SecretUnreadable
from documents.records import SecondFactor
from documents.repositories import Credentials

log = logging.getLogger(__name__)
REASON_LENGTH_MAX = 300


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A secret to share with a device; `sealed` is the same for a form to carry, readable by us alone."""

    secret: str
    address: str
    sealed: str


def second_factor_propose(*, user: User, sealed: str = "") -> Proposal:
    """
    Make a secret for a device, or open the one that was proposed before; nothing is kept until a code confirms it.

    Args:
        sealed: of an earlier proposal to the same user; what is none of ours gives a new secret.
    """
    try:
        secret = cipher.decrypt(sealed, context=_proposed(user)) if sealed else ""
    except SecretUnreadable:
        secret = ""
    if not secret:
        secret = second_factor.secret_new()
        sealed = cipher.encrypt(secret, context=_proposed(user))
    return Proposal(secret=secret, address=second_factor.address(secret, email=user.email), sealed=sealed)


def second_factor_enrol(*, user: User, proposal: Proposal, code: str, now: datetime) -> list[str]:
    """
    Set up the first second factor of an employee who has none.

    Args:
        code: of the device that read the proposal.
    Returns: the recovery codes, for the only time.
    Raises: CodeWrong, SecondFactorThere, DocumentStoreUnavailable.
    """
    if selectors.second_factor_get(user_id=user.pk) is not None:
        raise errors.SecondFactorThere
    factor, codes = _made(user, proposal, code=code, now=now)
    _keep(user, factor, seen=None, event=events.SecondFactorEnrolled(user_id=user.pk, is_next=False))
    return codes


def second_factor_move(*, user: User, proposal: Proposal, code: str, present_code: str, now: datetime) -> list[str]:
    """
    Put another device in the place of the present one; the recovery codes are new too.

    Args:
        code: of the new device. present_code: of the present one, or a recovery code.
    Returns: the recovery codes, for the only time.
    Raises: CodeWrong (fields says which), SecondFactorThere, DocumentStoreUnavailable.
    """
    factor, codes = _made(user, proposal, code=code, now=now)
    try:
        seen = second_factor_check(user=user, code=present_code, now=now)
    except errors.CodeWrong as error:
        raise errors.CodeWrong(fields={"present_code": error.message}) from error
    _keep(user, factor, seen=seen, event=events.SecondFactorEnrolled(user_id=user.pk, is_next=True))
    return codes


def second_factor_check(*, user: User, code: str, now: datetime) -> SecondFactor:
    """
    Use up a one-time or recovery code of a user; return the second factor as it is now.

    Raises: CodeWrong (wrong, too old, used, or there is no second factor), DocumentStoreUnavailable.
    """
    seen = selectors.second_factor_get(user_id=user.pk)
    typed = second_factor.code_plain(code)
    if seen is None:
        raise errors.CodeWrong
    secret = _secret(user, seen)
    step = second_factor.step_of(secret, typed, now=now) if secret else None
    if step is not None:
        if step <= seen.latest_step:
            raise errors.CodeWrong
        return _changed(user, seen, replace(seen, latest_step=step, version=seen.version + 1))
    used = second_factor.recovery_hash(typed, user_id=user.pk)
    left = tuple(one for one in seen.recovery_hashes if one != used)
    if len(left) == len(seen.recovery_hashes):
        raise errors.CodeWrong
    changed = _changed(user, seen, replace(seen, recovery_hashes=left, version=seen.version + 1))
    with transaction.atomic():
        outbox.publish(events.RecoveryCodeUsed(user_id=user.pk, left=len(left)), actor_id=user.pk)
    return changed


def recovery_codes_make(*, user: User, code: str, now: datetime) -> list[str]:
    """
    Make new recovery codes in place of the present ones, after a code.

    Returns: the recovery codes, for the only time.
    Raises: CodeWrong, SecondFactorThere, DocumentStoreUnavailable.
    """
    seen = second_factor_check(user=user, code=code, now=now)
    codes, hashes = _recovery_codes(user)
    factor = replace(seen, recovery_hashes=hashes, version=seen.version + 1)
    _keep(user, factor, seen=seen, event=events.RecoveryCodesMade(user_id=user.pk))
    return codes


def second_factor_reset(*, actor: User, user_id: int, reason: str) -> User:
    """
    Take the second factor of another employee away; it is set up anew at the next sign-in.

    Every session and token of theirs ends. It is on record before it is done: should the process die in between, the
    second factor still stands.

    Raises: Forbidden, InvalidInput (reason), UserNotFound, SecondFactorMissing, DocumentStoreUnavailable.
    """
    if not access.may_manage_employees(actor):
        raise Forbidden("Only an admin resets the second factor of an employee.")
    if actor.pk == user_id:
        raise Forbidden("You cannot reset your own second factor; ask another admin, or use a recovery code.")
    told = " ".join(reason.split())
    if not told or len(told) > REASON_LENGTH_MAX:
        raise InvalidInput(fields={"reason": f"Say why, in up to {REASON_LENGTH_MAX} characters."})
    if not User.objects.filter(pk=user_id, kind=UserKind.EMPLOYEE).exists():
        raise errors.UserNotFound
    if selectors.second_factor_get(user_id=user_id) is None:
        raise errors.SecondFactorMissing
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        user.credential_stamp = new_stamp()
        user.save(update_fields=["credential_stamp"])
        outbox.publish(events.SecondFactorReset(user_id=user.pk, reason=told), actor_id=actor.pk)
    while (seen := selectors.second_factor_get(user_id=user_id)) is not None:  # its owner may use a code meanwhile
        Credentials.factor_remove(user_id=user_id, seen=seen)
    return user


def _made(user: User, proposal: Proposal, *, code: str, now: datetime) -> tuple[SecondFactor, list[str]]:
    step = second_factor.step_of(proposal.secret, second_factor.code_plain(code), now=now)
    if step is None:
        raise errors.CodeWrong("This code is not of the device that you are setting up. Wait for the next one.")
    codes, hashes = _recovery_codes(user)
    ciphertext = cipher.encrypt(proposal.secret, context=_kept(user))
    return SecondFactor(ciphertext=ciphertext, recovery_hashes=hashes, latest_step=step, enrolled_at=now), codes


def _recovery_codes(user: User) -> tuple[list[str], tuple[str, ...]]:
    codes = second_factor.recovery_codes_new()
    return codes, tuple(second_factor.recovery_hash(code, user_id=user.pk) for code in codes)


def _changed(user: User, seen: SecondFactor, factor: SecondFactor) -> SecondFactor:
    if not Credentials.factor_put(user_id=user.pk, factor=factor, seen=seen):
        raise errors.CodeWrong  # somebody used a code at the same moment: perhaps this one
    return factor


def _keep(user: User, factor: SecondFactor, *, seen: SecondFactor | None, event: outbox.Event) -> None:
    """Store first, then tell; what cannot be told is put back (docs/adr/0005 says why in this order)."""
    if not Credentials.factor_put(user_id=user.pk, factor=factor, seen=seen):
        raise errors.SecondFactorThere
    try:
        with transaction.atomic():
            outbox.publish(event, actor_id=user.pk)
    except BaseException:
        if seen is None:
            Credentials.factor_remove(user_id=user.pk, seen=factor)
        else:
            Credentials.factor_put(user_id=user.pk, factor=replace(seen, version=factor.version + 1), seen=factor)
        raise


def _secret(user: User, factor: SecondFactor) -> str | None:
    """Return the shared secret; None where it cannot be read, so that recovery codes still work."""
    try:
        return cipher.decrypt(factor.ciphertext, context=_kept(user))
    except SecretUnreadable:
        log.error("The second factor of user %s cannot be read: SECRET_KEY is another one. Reset it.", user.pk)
        return None


def _kept(user: User) -> str:
    return f"second factor {user.pk}"


def _proposed(user: User) -> str:
    return f"second factor proposed to {user.pk}"
