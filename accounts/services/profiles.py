"""
A customer's profile document; Customer MongoDB is its only home.

The document is written first, for its store may be away, and outside any transaction; then the name in PostgreSQL,
which mails and employees use, and the event.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

import phonenumbers
from django.db import transaction

from accounts import errors, events, selectors
from accounts.enums import UserKind
from accounts.models import User
from accounts.services import checks
from common import outbox
from common.dates import years_between
from common.errors import Forbidden, InvalidInput
from documents.records import Consent, ProfileRecord, SavedPassenger
from documents.repositories import Profiles

SAVED_PASSENGERS_MAX = 12
# What a customer who keeps other people's details agrees to; the words stand beside the box on the page.
CONSENT_TO_KEEP = "saved_passengers"
CONSENT_WORDS = "2026-11"
_OLDEST = 120  # years; beyond it a date of birth is a slip of the finger
_PHONE_SENTENCE = "Enter the phone number with its country code, like +1 415 555 0123."


def profile_change(
    *,
    customer: User,
    full_name: str,
    phone: str,
    birth_date: date | None,
    emergency_name: str = "",
    emergency_phone: str = "",
    now: datetime,
) -> ProfileRecord:
    """
    Keep a customer's own details; they fill in passenger 1. What else the profile says stays.

    Args:
        phone: with its country code, in any spelling; kept as E.164. '' for none.
        emergency_name, emergency_phone: whom to call; both or neither.
    Raises: InvalidInput, Forbidden, DocumentStoreUnavailable (nothing was changed).
    """
    _require_customer(customer)
    problems: dict[str, str] = {}
    full_name = _name(full_name, "full_name", problems)
    phone = _phone(phone, "phone", problems)
    _birth_date_check(birth_date, now, problems)
    emergency_phone = _phone(emergency_phone, "emergency_phone", problems)
    if emergency_name.strip():
        emergency_name = _name(emergency_name, "emergency_name", problems)
        if not emergency_phone and "emergency_phone" not in problems:
            problems["emergency_phone"] = f"Enter the phone number of {emergency_name} too."
    elif emergency_phone:
        problems["emergency_name"] = "Enter whose phone number it is."
    if problems:
        raise InvalidInput(fields=problems)
    record = _change(
        customer,
        lambda kept: replace(
            kept,
            full_name=full_name,
            phone=phone,
            birth_date=birth_date,
            emergency_name=emergency_name.strip(),
            emergency_phone=emergency_phone,
            locale=customer.language,
        ),
        now=now,
    )
    with transaction.atomic():
        customer.full_name = full_name
        customer.save(update_fields=["full_name"])
        _tell(customer, "details")
    return record


def saved_passenger_add(
    *, customer: User, full_name: str, email: str, phone: str, birth_date: date, is_agreed: bool, now: datetime
) -> SavedPassenger:
    """
    Keep somebody whom the customer books for.

    Args:
        is_agreed: the customer says that this person knows of it; needed once, and again after it was taken back.
    Raises: InvalidInput, SavedPassengersFull, Forbidden, DocumentStoreUnavailable (nothing was changed).
    """
    _require_customer(customer)
    added = _saved(uuid4().hex, full_name=full_name, email=email, phone=phone, birth_date=birth_date, now=now)

    def add(kept: ProfileRecord) -> ProfileRecord:
        consents = kept.consents
        if not kept.has_agreed(CONSENT_TO_KEEP):
            if not is_agreed:
                raise InvalidInput(fields={"is_agreed": "Confirm that this person knows that you keep these details."})
            consents = (*consents, _consent(is_given=True, now=now))
        if len(kept.saved_passengers) >= SAVED_PASSENGERS_MAX:
            raise errors.SavedPassengersFull(most=SAVED_PASSENGERS_MAX)
        return replace(kept, saved_passengers=(*kept.saved_passengers, added), consents=consents)

    _change(customer, add, now=now)
    _told(customer, "saved_passengers")
    return added


def saved_passenger_change(
    *, customer: User, passenger_id: str, full_name: str, email: str, phone: str, birth_date: date, now: datetime
) -> SavedPassenger:
    """Correct a saved passenger. Raises: SavedPassengerNotFound, InvalidInput, DocumentStoreUnavailable."""
    changed = _saved(passenger_id, full_name=full_name, email=email, phone=phone, birth_date=birth_date, now=now)

    def change(kept: ProfileRecord) -> ProfileRecord:
        _require_saved(kept, passenger_id)
        people = tuple(changed if one.id == passenger_id else one for one in kept.saved_passengers)
        return replace(kept, saved_passengers=people)

    _change(customer, change, now=now)
    _told(customer, "saved_passengers")
    return changed


def saved_passenger_remove(*, customer: User, passenger_id: str, now: datetime) -> SavedPassenger:
    """Forget a saved passenger; bookings stay. Raises: SavedPassengerNotFound, DocumentStoreUnavailable."""
    gone: list[SavedPassenger] = []

    def remove(kept: ProfileRecord) -> ProfileRecord:
        gone[:] = [_require_saved(kept, passenger_id)]
        people = tuple(one for one in kept.saved_passengers if one.id != passenger_id)
        return replace(kept, saved_passengers=people)

    _change(customer, remove, now=now)
    _told(customer, "saved_passengers")
    return gone[0]


def saved_passengers_forget(*, customer: User, now: datetime) -> ProfileRecord:
    """Take the consent to keep others' details back, and forget all of them. Raises: DocumentStoreUnavailable."""

    def forget(kept: ProfileRecord) -> ProfileRecord:
        consents = kept.consents
        if kept.has_agreed(CONSENT_TO_KEEP):
            consents = (*consents, _consent(is_given=False, now=now))
        return replace(kept, saved_passengers=(), consents=consents)

    record = _change(customer, forget, now=now)
    _told(customer, "saved_passengers", "consents")
    return record


def _change(customer: User, how: Callable[[ProfileRecord], ProfileRecord], *, now: datetime) -> ProfileRecord:
    begin = selectors.profile_at_first(customer=customer, now=now)
    return Profiles.change(begin, lambda kept: replace(how(kept), updated_at=now))


def _require_customer(user: User) -> None:
    if user.kind != UserKind.CUSTOMER:
        raise Forbidden("Only customers have a profile.")


def _require_saved(kept: ProfileRecord, passenger_id: str) -> SavedPassenger:
    found = kept.saved_passenger(passenger_id)
    if found is None:
        raise errors.SavedPassengerNotFound
    return found


def _told(customer: User, *fields: str) -> None:
    with transaction.atomic():
        _tell(customer, *fields)


def _tell(customer: User, *fields: str) -> None:
    outbox.publish(events.ProfileChanged(user_id=customer.pk, fields=fields), actor_id=customer.pk)


def _consent(*, is_given: bool, now: datetime) -> Consent:
    return Consent(name=CONSENT_TO_KEEP, is_given=is_given, words=CONSENT_WORDS, at=now)


def _saved(
    passenger_id: str, *, full_name: str, email: str, phone: str, birth_date: date, now: datetime
) -> SavedPassenger:
    problems: dict[str, str] = {}
    full_name = _name(full_name, "full_name", problems)
    try:
        email = checks.email_checked(email)
    except InvalidInput as error:
        problems |= error.fields
    phone = _phone(phone, "phone", problems)
    if not phone:
        problems.setdefault("phone", _PHONE_SENTENCE)
    _birth_date_check(birth_date, now, problems)
    if problems:
        raise InvalidInput(fields=problems)
    return SavedPassenger(id=passenger_id, full_name=full_name, email=email, phone=phone, birth_date=birth_date)


def _name(typed: str, field: str, problems: dict[str, str]) -> str:
    try:
        return checks.full_name_checked(typed)
    except InvalidInput as error:
        problems[field] = error.fields["full_name"]
        return ""


def _phone(typed: str, field: str, problems: dict[str, str]) -> str:
    """Return a number as E.164, '' for nothing."""
    if not typed.strip():
        return ""
    try:
        number = phonenumbers.parse(typed.strip(), None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        problems[field] = _PHONE_SENTENCE
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _birth_date_check(day: date | None, now: datetime, problems: dict[str, str]) -> None:
    if day is not None and not (day < now.date() and years_between(day, now.date()) <= _OLDEST):
        problems["birth_date"] = "Enter a date of birth in the past."
