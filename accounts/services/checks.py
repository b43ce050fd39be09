"""What e-mails, names and passwords must look like, whichever door they come through."""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import PasswordWeak
from accounts.models import User
from common.errors import InvalidInput

EMAIL_LENGTH_MAX = 254
NAME_LENGTH_MAX = 120
PASSWORD_LENGTH_MAX = 1000  # a longer one would only keep the processor busy
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def email_checked(email: str) -> str:
    """
    Return the e-mail as we keep it: without outer spaces, in lower case.

    Raises: InvalidInput.
    """
    cleaned = email.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError as error:
        raise InvalidInput(fields={"email": "Enter an e-mail like name@example.org."}) from error
    if len(cleaned) > EMAIL_LENGTH_MAX:
        raise InvalidInput(fields={"email": f"The e-mail must have {EMAIL_LENGTH_MAX} characters or fewer."})
    return cleaned


def full_name_checked(full_name: str) -> str:
    """
    Return the name with single spaces.

    Raises: InvalidInput.
    """
    cleaned = " ".join(full_name.split())
    if not cleaned:
        raise InvalidInput(fields={"full_name": "Enter your full name."})
    if len(cleaned) > NAME_LENGTH_MAX:
        raise InvalidInput(fields={"full_name": f"The name must have {NAME_LENGTH_MAX} characters or fewer."})
    if _CONTROL.search(cleaned):
        raise InvalidInput(fields={"full_name": "The name holds a character that cannot be printed. Type it again."})
    return cleaned


def password_checked(password: str, *, user: User, field: str = "password") -> str:
    """
    Return the password if it is hard enough to guess.

    Raises: PasswordWeak.
    """
    if len(password) > PASSWORD_LENGTH_MAX:
        raise PasswordWeak(fields={field: f"The password must have {PASSWORD_LENGTH_MAX} characters or fewer."})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordWeak(fields={field: " ".join(error.messages)}) from error
    return password
