"""Read settings from environment variables: each once, typed, and a wrong value stops the start with a sentence."""

import json
import os
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


def text(name: str, default: str | None = None) -> str:
    """Return the variable's text; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment: it has no default here.")
    return value


def choice(name: str, values: tuple[str, ...]) -> str:
    """Return one of the values; the first is the default."""
    value = os.environ.get(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be {' or '.join(values)}.")
    return value


def secret(name: str, *, needed: bool) -> str:
    """Return a secret's text; '' where none is given and none is needed. It is never put into a sentence."""
    value = os.environ.get(name, "").strip()
    if needed and not value:
        raise ImproperlyConfigured(f"Set {name} in the environment: the settings chosen need it.")
    return value


def integer(name: str, default: int, *, at_least: int = 0) -> int:
    """Return a whole number not below `at_least`."""
    raw = os.environ.get(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be a whole number.") from None
    if value < at_least:
        raise ImproperlyConfigured(f"{name} is {value}; it must be {at_least} or more.")
    return value


def decimal(name: str, default: str) -> Decimal:
    """Return a decimal number."""
    raw = os.environ.get(name, default)
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be a decimal number such as {default}.") from None


def boolean(name: str, default: bool) -> bool:
    """Return true for 1, true, yes, on and false for 0, false, no, off."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; it must be true or false.")


def words(name: str, default: str = "") -> list[str]:
    """Return a comma separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def integers(name: str, default: str) -> list[int]:
    """Return a comma separated list of whole numbers."""
    given = words(name, default)
    if not all(word.isascii() and word.isdigit() for word in given):
        raise ImproperlyConfigured(f"{name} is {', '.join(given)!r}; it must be whole numbers such as {default}.")
    return [int(word) for word in given]


def postgres(url: str) -> dict[str, Any]:
    """Turn postgresql://user:password@host:port/name (or ?host=/socket/dir) into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL: the port is not a number from 1 to 65535.") from None
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "common.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(port or ""),
        # sslmode, sslrootcert and the like, as libpq knows them.
        "OPTIONS": options,
    }


# The providers that are reached by their own API, and the settings their address fills.
MAIL_PROVIDERS = {
    "mailgun": {"key": "MAILGUN_API_KEY", "domain": "MAILGUN_SENDER_DOMAIN", "api_url": "MAILGUN_API_URL"},
    "postmark": {"key": "POSTMARK_SERVER_TOKEN", "api_url": "POSTMARK_API_URL"},
    "brevo": {"key": "BREVO_API_KEY", "api_url": "BREVO_API_URL"},
    "resend": {"key": "RESEND_API_KEY", "api_url": "RESEND_API_URL"},
    "sparkpost": {"key": "SPARKPOST_API_KEY", "api_url": "SPARKPOST_API_URL"},
}
_MAIL_SHAPES = "smtp+tls://user:password@host:587, or anymail+mailgun://key@domain for a provider's own API"


def mail(url: str) -> dict[str, object]:
    """
    Turn an address of a mail server into settings.

    smtp://, smtps:// (TLS at once) or smtp+tls:// (STARTTLS) with user:password@host:port; or anymail+<provider>://
    with key@domain and an optional ?api_url= for another region. No sentence about it repeats the key.
    """
    parts = urlsplit(url)
    scheme, _, provider = parts.scheme.partition("+")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL: the port is not a number from 1 to 65535.") from None
    if scheme == "anymail":
        return _mail_by_api(provider, parts)
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL must look like {_MAIL_SHAPES}.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "MAIL_PROVIDER": parts.hostname[:60],
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 10,
    }


def _mail_by_api(provider: str, parts: SplitResult) -> dict[str, object]:
    names = MAIL_PROVIDERS.get(provider)
    if names is None:
        known = ", ".join(MAIL_PROVIDERS)
        raise ImproperlyConfigured(f"EMAIL_URL: there is no mail provider {provider!r} here. There are: {known}.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    given = {"key": unquote(parts.username or ""), "api_url": options.pop("api_url", "")}
    if "domain" in names:
        given["domain"] = parts.hostname or ""
    for name in names:
        if name != "api_url" and not given[name]:
            shape = f"anymail+{provider}://key@{'domain' if 'domain' in names else ''}"
            raise ImproperlyConfigured(f"EMAIL_URL: the {name} is missing. It must look like {shape}.")
    if given["api_url"] and urlsplit(given["api_url"]).scheme not in {"http", "https"}:
        raise ImproperlyConfigured("EMAIL_URL: api_url must begin with https://.")
    if options or parts.password or parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"EMAIL_URL: after anymail+{provider}:// only the key, @, the domain where the provider needs one, and"
            " ?api_url= are read. Write % signs for special characters of the key."
        )
    values: dict[str, object] = {setting: given[name] for name, setting in names.items() if given[name]}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "MAIL_PROVIDER": provider,
        "ANYMAIL": {**values, "REQUESTS_TIMEOUT": 10},
    }


def mail_tracking() -> dict[str, object]:
    """Return the settings by which a provider that tells of bounces is known; none when it may not."""
    secret = os.environ.get("MAIL_WEBHOOK_SECRET", "")
    if not secret:
        return {}
    user, _, password = secret.partition(":")
    if not user or len(password) < 16:
        raise ImproperlyConfigured("MAIL_WEBHOOK_SECRET must look like user:password, with a password of 16 or more.")
    values: dict[str, object] = {"WEBHOOK_SECRET": secret}
    if key := os.environ.get("MAIL_WEBHOOK_SIGNING_KEY"):
        values["MAILGUN_WEBHOOK_SIGNING_KEY"] = key
    return values


def local_secret(name: str) -> str:
    """Return a secret kept in var/secrets.json (mode 0600), made on first use; for one machine, not for production."""
    if value := os.environ.get(name):
        return value
    path = VAR_DIR / "secrets.json"
    kept: dict[str, str] = {}
    if path.exists():
        kept = json.loads(path.read_text())
    if name not in kept:
        kept[name] = secrets.token_urlsafe(48)
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(kept, file, indent=1)
        draft.replace(path)
    return kept[name]
