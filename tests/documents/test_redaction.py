"""What is masked in a line of the log, and what is left alone."""

import json
import logging
import sys

import pytest

from documents.redaction import JsonFormatter, mask_text, mask_value


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4242 4242 4242 4242 declined", "card [card ...4242] declined"),
        ("pan=4000-0000-0000-0002", "pan=[card ...0002]"),
        ("booking 4242424242424241 is no card", "booking 4242424242424241 is no card"),
        ("at 20261122093015123456", "at 20261122093015123456"),
        ("password=hunter2&next=/", "password=[masked]&next=/"),
        ('{"password": "two words", "email": "a@example.com"}', '{"password": [masked], "email": "a@example.com"}'),
        ("{'refresh_token': 'abc', 'x': 1}", "{'refresh_token': [masked], 'x': 1}"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: [masked]"),
        ("sent Bearer abcdefghijkl to b", "sent Bearer [masked] to b"),
        ("/reset/?token=abc-123 asked", "/reset/?token=[masked] asked"),
        ("jwt eyJhbGciOi.eyJzdWIiOi.c2ln here", "jwt [masked] here"),
        ("hash argon2$argon2id$v=19$m=1,t=2,p=1$YWJj$ZGVm kept", "hash [masked] kept"),
        ("postgresql://astro:s3cret@db:5432/astro", "postgresql://[masked]@db:5432/astro"),
        (f"GET /confirm/eyJ1IjoxfQ:{'aB3-' * 10}xyz/ 404", "GET /confirm/[masked]/ 404"),
        (f"GET /confirm/eyJ1IjoxfQ%3A{'aB3-' * 10}xyz/", "GET /confirm/[masked]/"),
        ("GET /password/reset/MQ/cx1abc-0123456789abcdef0123456789abcdef/", "GET /password/reset/MQ/[masked]/"),
        (f"refresh {'aB3_' * 10}xyz is old", "refresh [masked] is old"),
        ("signed with whsec_MfKQ9r8GKYqrTwjU", "signed with [masked]"),
        ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "[masked]"),
        ("__Host-session=abcdef; theme=dark", "__Host-session=[masked]; theme=dark"),
        ("passport_number: X1234567", "passport_number: [masked]"),
        ("test_line_carries_its_context_and_its_extra_facts", "test_line_carries_its_context_and_its_extra_facts"),
        ("mail to traveller@example.com", "mail to traveller@example.com"),
        ("The password was changed.", "The password was changed."),
        (
            "no\nDETAIL:  Failing row contains (7, a (b)\nc, null).\nat",
            "no\nDETAIL:  Failing row contains [masked]\nat",
        ),
        ("DETAIL:  Failing row contains (7, +346000", "DETAIL:  Failing row contains [masked]"),
    ],
)
def test_secrets_are_masked_and_nothing_else(text, masked):
    assert mask_text(text) == masked


def test_values_are_masked_by_name_and_within():
    given = {"card_number": 4242424242424242, "n": 4242424242424242, "deep": [{"api_key": "x", "id": 7}], "ok": None}

    assert mask_value("", given) == {
        "card_number": "[masked]",
        "n": "[card ...4242]",
        "deep": [{"api_key": "[masked]", "id": 7}],
        "ok": None,
    }


def test_line_on_stdout_is_masked_in_message_traceback_and_extra_facts():
    try:
        raise ValueError("card 4242424242424242, token=tok-123")
    except ValueError:
        facts = {"msg": "password=%s", "args": ("hunter2",), "api_key": "k-1", "n": 3, "exc_info": sys.exc_info()}
        line = json.loads(JsonFormatter().format(logging.makeLogRecord(facts)))

    assert (line["message"], line["api_key"], line["n"]) == ("password=[masked]", "[masked]", 3)
    assert line["exc_info"].endswith("ValueError: card [card ...4242], token=[masked]")
    assert not any(secret in json.dumps(line) for secret in ("hunter2", "tok-123", "k-1", "4242424242424242"))
