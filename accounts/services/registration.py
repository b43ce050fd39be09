"""Customers register themselves and confirm their e-mail."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import errors, events, selectors, tokens
from accounts.enums import Language, UserKind
from accounts.models import User
from accounts.services import checks
from common import outbox


def customer_register(
    *, email: str, password: str, full_name: str, language: str = Language.ENGLISH, time_zone: str = ""
) -> None:
    """
    Make an account that waits for its e-mail to be confirmed.

    The visitor learns nothing about accounts that exist: the owner of the e-mail is told instead. An account that was
    never confirmed belongs to nobody yet, so whoever registers last sets its password and name, and older links die.

    Args:
        language: what the visitor's browser asks for; English when we do not speak it.
        time_zone: the visitor's, as the browser tells it; UTC when it is none that one can choose.
    Raises: InvalidInput, PasswordWeak, DocumentStoreUnavailable (for any e-mail alike).
    """
    fresh = User(
        email=checks.email_checked(email),
        full_name=checks.full_name_checked(full_name),
        kind=UserKind.CUSTOMER,
        language=language if language in Language.values else Language.ENGLISH,
        time_zone=time_zone if any(time_zone in zones for zones in selectors.time_zones().values()) else "UTC",
    )
    checks.password_checked(password, user=fresh)
    fresh.set_password(password)
    user = selectors.user_by_email(email=fresh.email)
    if user is None:
        try:
            with fresh.new_credential_stored(), transaction.atomic():
                fresh.save(force_insert=True)
                outbox.publish(events.UserRegistered(user_id=fresh.pk), actor_id=fresh.pk)
                outbox.publish(events.EmailConfirmationRequested(user_id=fresh.pk), actor_id=fresh.pk)
            return
        except IntegrityError as error:
            if "accounts_user_email" not in str(error):
                raise
            user = User.objects.get(email=fresh.email)  # registered by another request in between
    _register_again(user, fresh, password)


def _register_again(user: User, fresh: User, password: str) -> None:
    user.has_usable_password()  # asks the document store, so that an outage shows alike for known and new e-mails
    if user.is_confirmed or not user.is_active or user.kind != UserKind.CUSTOMER:
        with transaction.atomic():
            outbox.publish(events.AlreadyRegistered(user_id=user.pk), actor_id=user.pk)
        return
    user.set_password(password)
    user.full_name, user.language, user.time_zone = fresh.full_name, fresh.language, fresh.time_zone
    with user.new_credential_stored(), transaction.atomic():
        user.save(update_fields=["full_name", "language", "time_zone", "credential_stamp"])
        outbox.publish(events.EmailConfirmationRequested(user_id=user.pk), actor_id=user.pk)


def email_confirmation_send(*, user_id: int) -> None:
    """Have the link that confirms the e-mail sent again; an account that is confirmed by now gets none."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id, is_active=True, email_confirmed_at=None).first()
        if user is not None:
            outbox.publish(events.EmailConfirmationRequested(user_id=user.pk), actor_id=user.pk)


def email_confirm(*, token: str, now: datetime) -> User:
    """
    Mark the e-mail as the user's; twice is once.

    Raises: LinkInvalid, also when the password or the e-mail was changed after the link was made.
    """
    read = tokens.read(token=token, purpose=tokens.CONFIRMATION, max_age=settings.EMAIL_CONFIRMATION_MAX_AGE, now=now)
    if read is None:
        raise errors.LinkInvalid
    user_id, fingerprint = read
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
        if user is None or not tokens.matches(user, tokens.CONFIRMATION, fingerprint):
            raise errors.LinkInvalid
        if not user.is_confirmed:
            user.email_confirmed_at = now
            user.save(update_fields=["email_confirmed_at"])
            outbox.publish(events.EmailConfirmed(user_id=user.pk), actor_id=user.pk)
    return user
