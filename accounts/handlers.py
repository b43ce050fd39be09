"""
What accounts keep in the document stores: a customer's profile, and the data sets that reconciliation compares.

# Note [Two places of a name]
A customer's name has its home in the profile, and a copy in PostgreSQL for mails and employees. The customer changes
the profile first and the copy after; a crash in between leaves the copy behind, and reconciliation sets it right. An
employee corrects the copy, and the event carries the correction to the profile, unless the customer has changed it
since. The language has its home in PostgreSQL.
"""

import logging
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils import timezone

from accounts import selectors, services
from accounts.enums import UserKind
from accounts.models import User
from common import outbox_consumers, outbox_delivery, outbox_reading
from common.errors import InvalidInput
from documents import reconcile
from documents.errors import DocumentRefused, DocumentStoreUnavailable
from documents.records import CredentialRecord, ProfileRecord
from documents.repositories import Credentials, Profiles

log = logging.getLogger(__name__)

# A registration stores the hash before the row, so a lone document counts as orphaned only after this.
ORPHAN_AFTER = timedelta(hours=1)


def profile_begin(event: outbox_consumers.Delivered) -> None:
    """Write the profile of a customer whose e-mail is confirmed, unless there is one."""
    try:
        _profile_add(event.payload["user_id"])
    except DocumentStoreUnavailable as error:
        raise outbox_consumers.Unavailable(error.message) from error


def profile_locale_follow(event: outbox_consumers.Delivered) -> None:
    """Have a customer's profile name the language that the customer chose; employees and suppliers have none."""
    try:
        record, user = Profiles.get(event.payload["user_id"]), User.objects.filter(pk=event.payload["user_id"]).first()
        if record is not None and user is not None and record.locale != user.language:
            Profiles.change(record, lambda kept: replace(kept, locale=user.language))
    except DocumentStoreUnavailable as error:
        raise outbox_consumers.Unavailable(error.message) from error


def profile_name_follow(event: outbox_consumers.Delivered) -> None:
    """Correct the name in a customer's profile as an employee has corrected it; see Note [Two places of a name]."""
    if "full_name" not in event.payload["fields"]:
        return
    before = event.payload["changes"]["full_name"]["before"]
    try:
        record, user = Profiles.get(event.payload["user_id"]), User.objects.filter(pk=event.payload["user_id"]).first()
        if record is not None and user is not None and record.full_name == before != user.full_name:
            # The name of now: of two corrections the earlier may come later.
            Profiles.change(record, lambda kept: _renamed(kept, before, user.full_name))
    except DocumentStoreUnavailable as error:
        raise outbox_consumers.Unavailable(error.message) from error


def _renamed(kept: ProfileRecord, before: str, after: str) -> ProfileRecord:
    return replace(kept, full_name=after) if kept.full_name == before else kept


def register() -> None:
    """Hear our events, and have our documents reconciled; once, when the app is ready."""
    outbox_consumers.register(
        consumer="documents", event="accounts.user.reading_changed", handler=profile_locale_follow
    )
    outbox_consumers.register(consumer="documents", event="accounts.user.changed", handler=profile_name_follow)
    for name in ("accounts.user.email_confirmed", "accounts.user.created"):
        outbox_consumers.register(consumer="documents", event=name, handler=profile_begin)
    reconcile.register(
        reconcile.homes(
            name="credentials",
            label="Credentials of users",
            keys=_user_ids,
            present=lambda keys: _ids(User.objects.filter(pk__in=keys)),
            changed=_users_changed,
            size=User.objects.count,
            repository=Credentials,
            repair_missing=_credential_close,
            repair_orphan=_credential_forget,
        )
    )
    reconcile.register(
        reconcile.homes(
            name="customers",
            label="Profiles of customers",
            keys=_customer_ids,
            present=lambda keys: _ids(_customers().filter(pk__in=keys)),
            changed=_users_changed,
            size=lambda: _customers().count(),
            facts=_customer_facts,
            agrees=lambda facts, profile: facts == (profile.full_name, profile.locale),
            in_flight=lambda keys: outbox_delivery.subjects_in_flight(
                consumer="documents", field="user_id", values=keys
            ),
            repository=Profiles,
            repair_missing=_profile_add,
            repair_stale=_profile_agree,
            repair_orphan=_profile_forget,
        )
    )


def _user_ids(after_key: int, limit: int) -> list[int]:
    return _ids(User.objects.filter(pk__gt=after_key), limit)


def _customer_ids(after_key: int, limit: int) -> list[int]:
    return _ids(_customers().filter(pk__gt=after_key), limit)


def _customers() -> QuerySet[User]:
    return User.objects.filter(kind=UserKind.CUSTOMER, email_confirmed_at__isnull=False)


def _customer_facts(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    users = User.objects.filter(pk__in=keys).values_list("pk", "full_name", "language")
    return {pk: (full_name, language) for pk, full_name, language in users}


def _ids(users: QuerySet[User], limit: int | None = None) -> list[int]:
    return list(users.order_by("pk").values_list("pk", flat=True)[:limit])


def _users_changed(mark: int) -> Iterator[Collection[int]]:
    return outbox_reading.subjects_since(mark=mark, field="user_id", event="accounts.user.")


def _credential_close(user_id: int) -> bool:
    """Nobody can bring a lost hash back: close the account's password until its owner sets one by a reset link."""
    if Credentials.get(user_id) is not None:
        return False
    Credentials.put(CredentialRecord(user_id=user_id, password_hash=make_password(None), updated_at=timezone.now()))
    log.error("The password of user %s was lost; the account opens again with a reset link.", user_id)
    return True


def _credential_forget(user_id: int) -> bool:
    record = Credentials.get(user_id)
    return record is not None and record.updated_at < timezone.now() - ORPHAN_AFTER and Credentials.delete(user_id)


def _profile_add(customer_id: int) -> bool:
    user = User.objects.filter(pk=customer_id, kind=UserKind.CUSTOMER, email_confirmed_at__isnull=False).first()
    if user is None:
        return False
    return Profiles.add_missing(selectors.profile_at_first(customer=user, now=user.created_at))


def _profile_agree(facts: tuple[str, str], profile: ProfileRecord) -> bool:
    """See Note [Two places of a name]."""
    full_name, language = facts
    is_changed = False
    if profile.locale != language:
        Profiles.change(profile, lambda kept: replace(kept, locale=language))
        is_changed = True
    if profile.full_name != full_name:
        try:
            is_changed |= services.user_name_follow(
                user_id=profile.customer_id, before=full_name, after=profile.full_name
            )
        except InvalidInput as error:
            raise DocumentRefused(Profiles.store().label, Profiles.name, error.fields["full_name"]) from error
    return is_changed


def _profile_forget(customer_id: int) -> bool:
    record = Profiles.get(customer_id)
    return record is not None and record.updated_at < timezone.now() - ORPHAN_AFTER and Profiles.delete(customer_id)
