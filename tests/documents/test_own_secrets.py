"""The secrets of the process itself are masked wherever they stand, named or not."""

import logging

import pytest

from documents.logs import line_of
from documents.own_secrets import own_secrets
from documents.redaction import MASK, JsonFormatter, mask_text, mask_value

SECRETS = {
    "SECRET_KEY": "marked key of the site",
    "SECRET_KEY_FALLBACKS": ["marked key of before"],
    "STRIPE_SECRET_KEY": "markedstripe99",
    "EMAIL_HOST_PASSWORD": "marked mail pass",
    "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "marked-postmark", "WEBHOOK_SECRET": "bounces:marked-bounce-pass"},
    "LOGS_MONGODB_URL": "mongodb://astro:marked%2Fstore%20pass@logs.example:27017/astro",
}


@pytest.fixture
def configured(settings):
    for name, value in SECRETS.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    "secret",
    [
        "marked key of the site",
        "marked key of before",
        "markedstripe99",
        "marked mail pass",
        "marked-postmark",
        "marked-bounce-pass",
        "marked/store pass",
        "marked%2Fstore%20pass",
    ],
)
@pytest.mark.usefixtures("configured")
def test_a_secret_of_ours_is_masked_in_free_text_traceback_and_facts(secret):
    try:
        raise RuntimeError(f"refused {secret}, sorry")
    except RuntimeError as error:
        record = logging.LogRecord("x", 40, "f", 1, "It said %s", (error,), (RuntimeError, error, error.__traceback__))
    record.said = {"inner": f"({secret})"}

    written = f"{line_of(record)} {JsonFormatter().format(record)}"

    assert secret not in written
    assert f"refused {MASK}, sorry" in written
    assert mask_value("", [secret]) == [MASK]


@pytest.mark.usefixtures("configured")
def test_words_that_are_no_secrets_stay():
    text = "The password of astro at logs.example:27017 was refused for bounces: AXES_PASSWORD_FORM_FIELD, 300 s"

    assert mask_text(text) == text


def test_short_values_are_left_alone_and_changed_settings_are_seen(settings):
    settings.SECRET_KEY = "short"
    assert "short" not in own_secrets()

    settings.SECRET_KEY = "long enough now"
    assert mask_text("a long enough now b") == f"a {MASK} b"


def test_the_password_of_the_database_is_among_them(settings):
    before = settings.DATABASES["default"]["PASSWORD"]
    settings.DATABASES["default"]["PASSWORD"] = "marked database pass"
    own_secrets.cache_clear()
    try:
        assert mask_text("FATAL: marked database pass") == f"FATAL: {MASK}"
    finally:
        settings.DATABASES["default"]["PASSWORD"] = before
        own_secrets.cache_clear()
