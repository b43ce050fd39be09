"""
Users between the calls of the API, so that a call need not ask who its token stands for.

Every change of a user's row is said on a channel by a trigger, and forgets the user here, in every process, some
milliseconds after its commit. What cannot hear remembers nothing (common.postgres.listening). Only a yes is ever
answered from memory: callers look a refusal up.

# Note [What is read while a change is made]
A row read before a change may come to be remembered after the change was heard of, and would stay. So whoever reads
notes how often something was heard, before, and remembers only if it is as often still.
"""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from common.postgres import statements
from common.postgres.listening import Listener

CHANNEL = "accounts_user"  # accounts.0004 has the trigger
REMEMBERED_UP_TO = 10_000

_FIELDS = [field.attname for field in User._meta.concrete_fields]
_rows: dict[str, tuple[Any, ...]] = {}  # by id, as it is said on the channel
_heard = 0


def user_read(*, user_id: int) -> User | None:
    """Return a user from the database, and remember it; None when there is none."""
    may_remember = settings.REMEMBER_USERS and _listener.is_hearing()
    before = _heard
    user = statements.row_get(User, user_id)
    if user is not None and may_remember:
        if len(_rows) >= REMEMBERED_UP_TO:
            _rows.clear()
        _rows[str(user_id)] = tuple(getattr(user, name) for name in _FIELDS)
        if before != _heard:
            _rows.pop(str(user_id), None)
    return user


def user_remembered(*, user_id: int) -> User | None:
    """Return a user as remembered, each time a new object; None when not remembered, which says nothing else."""
    row = _rows.get(str(user_id))
    if row is None or not settings.REMEMBER_USERS or not _listener.is_hearing():
        return None
    return User.from_db(DEFAULT_DB_ALIAS, _FIELDS, row)


def _forget(user_id: str) -> None:
    global _heard
    _heard += 1
    _rows.pop(user_id, None)


def _forget_all() -> None:
    global _heard
    _heard += 1
    _rows.clear()


_listener = Listener(CHANNEL, heard=_forget, begun=_forget_all)
