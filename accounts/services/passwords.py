"""Passwords forgotten and changed. A new one ends every session and token; a door may keep the present session."""

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction

from accounts import errors, events, selectors
from accounts.models import User
from accounts.services import checks
from common import outbox


def password_reset_request(*, email: str) -> None:
    """
    Have the link that sets a new password sent to the owner of the account, if there is one.

    The visitor learns nothing of it. Raises: InvalidInput for what is no e-mail.
    """
    user = selectors.user_by_email(email=checks.email_checked(email))
    if user is None or not user.is_active:
        return
    with transaction.atomic():
        outbox.publish(events.PasswordResetRequested(user_id=user.pk), actor_id=user.pk)


def password_reset(*, uid: str, token: str, password: str, now: datetime) -> User:
    """
    Set a new password by the link of a mail. Who has the mail owns the e-mail, so it is confirmed too.

    Raises: LinkInvalid, PasswordWeak, DocumentStoreUnavailable.
    """
    user = selectors.user_by_reset_link(uid=uid, token=token)
    checks.password_checked(password, user=user)
    if not default_token_generator.check_token(user, token):
        raise errors.LinkInvalid
    was_confirmed = user.is_confirmed
    user.email_confirmed_at = user.email_confirmed_at or now
    _password_store(user, password, also_saved=["email_confirmed_at"], publish_confirmed=not was_confirmed)
    return user


def password_change(*, user: User, old_password: str, password: str) -> User:
    """
    Replace the password by another one.

    Raises: PasswordWrong, PasswordWeak, DocumentStoreUnavailable.
    """
    if not user.check_password(old_password):
        raise errors.PasswordWrong(fields={"old_password": "This is not your present password. Type it again."})
    checks.password_checked(password, user=user)
    if password == old_password:
        raise errors.PasswordWeak(fields={"password": "This is your present password. Choose another one."})
    _password_store(user, password)
    return user


def _password_store(
    user: User, password: str, *, also_saved: list[str] | None = None, publish_confirmed: bool = False
) -> None:
    user.set_password(password)
    with user.new_credential_stored(), transaction.atomic():
        user.save(update_fields=["credential_stamp", *(also_saved or [])])
        outbox.publish(events.PasswordChanged(user_id=user.pk), actor_id=user.pk)
        if publish_confirmed:
            outbox.publish(events.EmailConfirmed(user_id=user.pk), actor_id=user.pk)
