"""What is typed about passengers, made clean: one sentence a field that needs another look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from bookings import errors, policies
from common.dates import local_date
from common.errors import DomainError

if TYPE_CHECKING:
    from launches.selectors import LaunchBrief


@dataclass(frozen=True, kw_only=True)
class PassengerInput:
    """Who shall fly, as typed: one a seat, in seat order."""

    full_name: str
    email: str
    phone: str
    birth_date: date


def passengers_clean(passengers: Sequence[PassengerInput], *, seats: int) -> list[PassengerInput]:
    """Return passengers with names, e-mails and E.164 phones as they are kept. Raises: PassengersInvalid."""
    if len(passengers) != seats:
        raise errors.PassengersInvalid(fields={"passengers": f"Name one passenger for each of the {seats} held seats."})
    clean: list[PassengerInput] = []
    problems: dict[str, str] = {}
    for index, one in enumerate(passengers):
        name = re.sub(" +", " ", one.full_name).strip()
        email, phone = one.email.strip(), ""
        if sentence := policies.name_problem(name):
            problems[f"{index}.full_name"] = sentence
        try:
            validate_email(email)
        except ValidationError:
            problems[f"{index}.email"] = "Enter an e-mail address like name@example.com."
        try:
            phone = phone_clean(one.phone)
        except DomainError as error:
            problems[f"{index}.phone"] = error.message
        clean.append(PassengerInput(full_name=name, email=email, phone=phone, birth_date=one.birth_date))
    if problems:
        raise errors.PassengersInvalid(fields=problems)
    return clean


def ages_check(passengers: Sequence[PassengerInput], launch: "LaunchBrief") -> None:
    """Let passengers through whose age on the departure day is within the range. Raises: PassengersInvalid."""
    departure_day = local_date(launch.departure_at, launch.time_zone)
    problems = {}
    for index, one in enumerate(passengers):
        if sentence := policies.age_problem(
            birth_date=one.birth_date,
            departure_day=departure_day,
            youngest=settings.PASSENGER_AGE_MIN,
            oldest=settings.PASSENGER_AGE_MAX,
        ):
            problems[f"{index}.birth_date"] = sentence
    if problems:
        raise errors.PassengersInvalid(fields=problems)


def phone_clean(typed: str) -> str:
    """Return a phone number as E.164 ("+14155550123"). Raises: PassengersInvalid."""
    sentence = "Enter the phone number with its country code, like +1 415 555 0123."
    try:
        number = phonenumbers.parse(typed.strip(), None)
    except phonenumbers.NumberParseException as error:
        raise errors.PassengersInvalid(sentence) from error
    if not phonenumbers.is_possible_number(number):
        raise errors.PassengersInvalid(sentence)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
