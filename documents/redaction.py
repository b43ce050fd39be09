"""Keep secrets out of logs: card numbers, passwords, tokens and hashes are masked; e-mail addresses may stay."""

import re
from collections.abc import Mapping
from typing import Any

from common import logs
from documents.own_secrets import own_secrets

MASK = "[masked]"
_OURS = frozenset({"asctime", "levelname", "name", "request_id", "origin", "actor_id"})  # of a line
_WORDS = (
    r"pass(?:word|wd|phrase)?\d?|new_password\d?|old_password|secret|client_secret|api[-_]?key|credential(?:s)?|cvc|cvv|"
    r"authorization|cookie|set-cookie|session(?:id)?|csrf(?:middleware|token)?(?:token)?|(?:[a-z]+[-_])?token|"
    r"card[-_]?number|cardnumber|passport(?:[-_]?(?:no|number))?|[a-z]+[-_](?:secret|signature)"
)
_WORD = re.compile(rf"^(?:[a-z]+_)?(?:{_WORDS})(?:_(?:hash|number))?$", re.IGNORECASE)
# name=value, name: value and "name": "value", as in queries, headers, reprs and JSON.
_NAMED = re.compile(
    rf"""(?P<name>["']?\b(?:{_WORDS})["']?\s*[=:]\s*)(?P<value>"[^"]*"|'[^']*'|(?:Bearer|Basic)\s+[^\s,;&"']+|[^\s,;&"']+)""",
    re.IGNORECASE,
)
_PART = re.compile(rf"""(?P<name>name="(?:{_WORDS})"\s*?\n\r?\n)[^\r\n]*""", re.IGNORECASE)  # of a form with files
_BEARER = re.compile(r"\b(?P<name>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
# What we sign (django.core.signing: a text, a colon and 43 characters), also within an address.
_SIGNED = re.compile(r"[\w.~-]+(?::|%3A)[\w-]{43}(?![\w-])", re.IGNORECASE)
# A reset link's token (django.contrib.auth.tokens), a refresh token, keys of gateways and webhooks.
_RESET = re.compile(r"\b[0-9a-z]{5,8}-[0-9a-f]{32}\b")
_REFRESH = re.compile(r"(?<![\w-])(?=[\w-]*[0-9])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])")
_PREFIXED = re.compile(r"\b(?:whsec_[\w+/=-]{8,}|(?:sk|rk)_(?:live|test)_\w+)")
_OTPAUTH = re.compile(r"\botpauth://\S+", re.IGNORECASE)
_RECOVERY = re.compile(r"(?<![\d-])\d{4}(?:[ -]\d{4}){4}(?![\d-])")  # of a second factor (accounts.second_factor)
_HASH = re.compile(r"\b(?:argon2\$?|pbkdf2_\w+|bcrypt\w*|scrypt|md5)\$\S+|\$argon2\S+")
_URL_LOGIN = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
# What PostgreSQL adds to its refusal: the whole row, with whatever is personal in it. Its end may have been cut off.
_ROW = re.compile(r"(?P<name>Failing row contains )\(.*?(?:\)\.(?=\s*(?:\n|$))|\Z)", re.DOTALL)
_DIGITS = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d])")


def mask_text(text: str) -> str:
    """Return the text with every secret in it masked; of a card number the final four digits stay."""
    for own in own_secrets():
        if own in text:
            text = text.replace(own, MASK)
    text = _URL_LOGIN.sub(rf"\g<scheme>{MASK}@", text)
    text = _NAMED.sub(rf"\g<name>{MASK}", text)
    text = _PART.sub(rf"\g<name>{MASK}", text)
    text = _BEARER.sub(rf"\g<name> {MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _ROW.sub(rf"\g<name>{MASK}", text)
    for secret in (_HASH, _SIGNED, _RESET, _REFRESH, _PREFIXED, _OTPAUTH, _RECOVERY):
        text = secret.sub(MASK, text)
    return _DIGITS.sub(_mask_card, text)


def mask_value(name: str, value: Any) -> Any:
    """Return a value fit for JSON and free of secrets: masked by its name, or within its text."""
    if value is None or isinstance(value, bool | float):
        return value
    if _WORD.match(name):
        return MASK
    if isinstance(value, int):
        return value if mask_text(str(value)) == str(value) else mask_text(str(value))
    if isinstance(value, Mapping):
        return {mask_text(str(key)): mask_value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value("", inner) for inner in value]
    return mask_text(str(value))


def _mask_card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return f"[card ...{digits[-4:]}]" if _passes_luhn(digits) else match.group()


def _passes_luhn(digits: str) -> bool:
    """Tell whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


class JsonFormatter(logs.JsonFormatter):
    """The line on stdout, with the secrets masked in its message, its traceback and its extra facts."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Mask what callers say, after all of it was put together; see Note [Lines of known words]."""
        if log_data.pop(logs.KNOWN, False):
            return log_data
        return {name: value if name in _OURS else mask_value(name, value) for name, value in log_data.items()}
