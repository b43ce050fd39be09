"""
The secrets of this process itself, as its settings have them: known word by word, they are masked wherever they stand.

So also where a driver puts one into the text of an exception without its name or any form that tells it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.core.signals import setting_changed

LENGTH_MIN = 8  # characters: shorter ones would be found within ordinary words
_NAME = re.compile(r"(?:^|_)(?:SECRET|PASSWORD|TOKEN|API_KEY|SECRET_KEY|SECRET_KEY_FALLBACKS)$", re.IGNORECASE)


@cache
def own_secrets() -> tuple[str, ...]:
    """Return the values of settings that are named as secrets, and passwords within addresses; the longest first."""
    found = {secret for name in dir(settings) if name.isupper() for secret in _within(name, getattr(settings, name))}
    forms = {form for secret in found for form in (secret, quote(secret, safe=""))}
    return tuple(sorted((one for one in forms if len(one) >= LENGTH_MIN), key=lambda one: (-len(one), one)))


def _within(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _within(str(key), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _within(name, inner)
    elif isinstance(value, str) and _NAME.search(name):
        yield value
        yield value.rpartition(":")[2]  # of "user:password", as a provider calls us with
    elif isinstance(value, str) and "://" in value:
        try:
            yield unquote(urlsplit(value).password or "")
        except ValueError:  # no address after all
            return


def _forget(**_: Any) -> None:
    own_secrets.cache_clear()


setting_changed.connect(_forget, dispatch_uid="documents.own_secrets")
