"""In which language and time zone a person is written to."""

from zoneinfo import available_timezones

from django.db import transaction

from accounts import events
from accounts.enums import Language
from accounts.models import User
from common import outbox
from common.errors import InvalidInput


def reading_change(*, user: User, language: str | None = None, time_zone: str | None = None) -> User:
    """
    Keep the language and the time zone of the user's messages; those sent from now on follow.

    Args:
        time_zone: a name of the IANA database, like "America/Bogota".
        What is None stays as it is.
    Raises: InvalidInput.
    """
    problems: dict[str, str] = {}
    if language is not None and language not in Language.values:
        names = ", ".join(f"{code} ({name})" for code, name in Language.choices)
        problems["language"] = f"Choose one of: {names}."
    if time_zone is not None and time_zone not in available_timezones():
        problems["time_zone"] = "Choose a time zone from the list, like America/Bogota."
    if problems:
        raise InvalidInput(fields=problems)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        before = (row.language, row.time_zone)
        row.language, row.time_zone = language or row.language, time_zone or row.time_zone
        if before != (row.language, row.time_zone):
            row.save(update_fields=["language", "time_zone"])
            changed = events.UserReadingChanged(user_id=row.pk, language=row.language, time_zone=row.time_zone)
            outbox.publish(changed, actor_id=row.pk)
    user.language, user.time_zone = row.language, row.time_zone
    return user
