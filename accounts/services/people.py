"""Accounts that colleagues, commands and imports make and change."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import access, errors, events
from accounts.enums import EmployeeRole, UserKind
from accounts.models import User, new_stamp
from accounts.services import checks
from common import outbox
from common.errors import Forbidden, InvalidInput, NotFound


def customer_create(*, email: str, full_name: str, password: str | None, now: datetime) -> User:
    """
    Make a customer whose e-mail counts as confirmed; for demo data and tests.

    Raises: InvalidInput, PasswordWeak, EmailTaken, DocumentStoreUnavailable.
    """
    return _create(email=email, full_name=full_name, password=password, now=now, kind=UserKind.CUSTOMER)


def supplier_user_create(*, email: str, full_name: str, password: str | None, now: datetime) -> User:
    """
    Make a supplier's user with a confirmed e-mail; which supplier, and in what role, launches says.

    Args:
        password: None when the user is to choose one by a reset link.
    Raises: InvalidInput, PasswordWeak, EmailTaken, DocumentStoreUnavailable.
    """
    return _create(email=email, full_name=full_name, password=password, now=now, kind=UserKind.SUPPLIER)


def employee_create(
    *,
    actor: User | None,
    email: str,
    full_name: str,
    role: str,
    password: str | None,
    now: datetime,
    is_superuser: bool = False,
) -> User:
    """
    Make an employee with a confirmed e-mail.

    Args:
        actor: an admin; None for a command on the server.
        password: None sends a link that sets one.
    Raises: Forbidden, InvalidInput, PasswordWeak, EmailTaken, DocumentStoreUnavailable.
    """
    if actor is not None and not access.may_manage_employees(actor):
        raise Forbidden("Only an admin makes accounts for employees.")
    if role not in EmployeeRole.values:
        raise InvalidInput(fields={"role": f"Choose one of: {', '.join(EmployeeRole.values)}."})
    user = _create(
        email=email,
        full_name=full_name,
        password=password,
        now=now,
        kind=UserKind.EMPLOYEE,
        employee_role=role,
        is_superuser=is_superuser,
    )
    if password is None:
        password_reset_send(user_id=user.pk)
    return user


def _create(*, email: str, full_name: str, password: str | None, now: datetime, **fields: Any) -> User:
    user = User(
        email=checks.email_checked(email),
        full_name=checks.full_name_checked(full_name),
        email_confirmed_at=now,
        **fields,
    )
    if password is not None:
        checks.password_checked(password, user=user)
    if User.objects.filter(email=user.email).exists():
        raise errors.EmailTaken(email=user.email)
    user.set_password(password)
    try:
        with user.new_credential_stored(), transaction.atomic():
            user.save(force_insert=True)
            outbox.publish(events.UserCreated(user_id=user.pk, kind=user.kind, role=user.employee_role))
    except IntegrityError as error:
        if "accounts_user_email" not in str(error):
            raise
        raise errors.EmailTaken(email=user.email) from error
    return user


def user_change(*, actor: User, user_id: int, changes: dict[str, Any]) -> User:
    """
    Change an account as an employee: full_name, is_active, and for admins employee_role.

    Raises: Forbidden, NotFound, InvalidInput.
    """
    if unknown := set(changes) - {"full_name", "is_active", "employee_role"}:
        raise InvalidInput(fields=dict.fromkeys(unknown, "This cannot be changed here."))
    if "full_name" in changes:
        changes = {**changes, "full_name": checks.full_name_checked(changes["full_name"])}
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise NotFound
        access.check_may_change(actor, user, changes)
        changed = tuple(name for name, value in sorted(changes.items()) if getattr(user, name) != value)
        told = {name: {"before": getattr(user, name), "after": changes[name]} for name in changed}
        for name in changed:
            setattr(user, name, changes[name])
        if changed:
            if "is_active" in changed:  # who opens it again opens none of the sessions that it was closed for
                user.credential_stamp = new_stamp()
            user.save(update_fields=[*changed, "credential_stamp"])
            outbox.publish(events.UserChanged(user_id=user.pk, fields=changed, changes=told))
    return user


def user_name_follow(*, user_id: int, before: str, after: str) -> bool:
    """
    Have a customer's account say the name that the profile says, if it still says the one before; tell whether it did.

    Raises: InvalidInput when the profile's name is none that an account may have.
    """
    if checks.full_name_checked(after) != after:
        raise InvalidInput(fields={"full_name": "The name has spaces that it should not have."})
    with transaction.atomic():
        if not User.objects.filter(pk=user_id, full_name=before).update(full_name=after):
            return False
        told = {"full_name": {"before": before, "after": after}}
        outbox.publish(events.UserChanged(user_id=user_id, fields=("full_name",), changes=told))
    return True


def password_reset_send(*, user_id: int) -> None:
    """
    Have a link that sets a new password sent to the user.

    Raises: NotFound when there is no such active user.
    """
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise NotFound("There is no active account with this number.")
    with transaction.atomic():
        outbox.publish(events.PasswordResetRequested(user_id=user_id))
