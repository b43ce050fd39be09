"""A customer's profile document; Customer MongoDB is its only home."""

from dataclasses import replace
from datetime import date, datetime

import phonenumbers

from accounts.enums import UserKind
from accounts.models import User
from accounts.services import checks
from common.dates import years_between
from common.errors import Forbidden, InvalidInput
from documents.records import ProfileRecord
from documents.repositories import Profiles

_OLDEST = 120  # years; beyond it a date of birth is a slip of the finger


def profile_change(
    *, customer: User, full_name: str, phone: str, birth_date: date | None, now: datetime
) -> ProfileRecord:
    """
    Keep a customer's own details; they fill in passenger 1. What else the profile says stays.

    Args:
        phone: with its country code, in any spelling; kept as E.164. '' for none.
    Raises: InvalidInput, Forbidden, DocumentStoreUnavailable (nothing was changed).
    """
    if customer.kind != UserKind.CUSTOMER:
        raise Forbidden("Only customers have a profile.")
    problems: dict[str, str] = {}
    try:
        full_name = checks.full_name_checked(full_name)
    except InvalidInput as error:
        problems |= error.fields
    try:
        phone = _phone(phone)
    except phonenumbers.NumberParseException:
        problems["phone"] = "Enter the phone number with its country code, like +1 415 555 0123."
    if birth_date is not None and not (birth_date < now.date() and years_between(birth_date, now.date()) <= _OLDEST):
        problems["birth_date"] = "Enter a date of birth in the past."
    if problems:
        raise InvalidInput(fields=problems)
    kept = Profiles.get(customer.pk) or ProfileRecord(
        customer_id=customer.pk, full_name=full_name, locale=customer.language, updated_at=now
    )
    record = replace(
        kept, full_name=full_name, phone=phone, birth_date=birth_date, locale=customer.language, updated_at=now
    )
    Profiles.put(record)
    # Mails and employees call people by the name in PostgreSQL; the document is written first, for it may be away.
    customer.full_name = full_name
    customer.save(update_fields=["full_name"])
    return record


def _phone(typed: str) -> str:
    """Return a number as E.164, '' for nothing. Raises: NumberParseException."""
    if not typed.strip():
        return ""
    number = phonenumbers.parse(typed.strip(), None)
    if not phonenumbers.is_possible_number(number):
        raise phonenumbers.NumberParseException(phonenumbers.NumberParseException.NOT_A_NUMBER, "impossible")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
