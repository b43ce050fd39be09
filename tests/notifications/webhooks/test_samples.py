"""The programs of docs/webhooks.md check a signature that we made, in every language that this machine has."""

import os
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from notifications.webhooks import signing

BODY = '{"type":"launch.delayed","data":{"reason":"Wind über 30 kn"}}'.encode()
COMMANDS = {"python": [sys.executable, "-c"], "sh": ["sh", "-c"], "perl": ["perl", "-e"], "javascript": ["node", "-e"]}
ALWAYS = {"python", "sh", "perl"}


def samples(guide: str) -> dict[str, str]:
    found = dict(re.findall(r"```(python|sh|perl|javascript)\n(.*?)```", guide, flags=re.DOTALL))
    return {name: text for name, text in found.items() if name in ALWAYS or shutil.which(COMMANDS[name][0])}


@pytest.fixture(scope="module")
def programs(request) -> dict[str, str]:
    guide = (request.config.rootpath / "docs" / "webhooks.md").read_text()
    found = samples(guide)
    assert set(found) >= ALWAYS
    return found


def verdicts(programs, *, secret: str, signed_by: tuple[str, ...], body: bytes = BODY, age_s: int = 0) -> set[int]:
    sent_at = datetime.fromtimestamp(time.time() - age_s, UTC)
    headers = signing.headers(signing_secrets=signed_by, message_id="msg_1", sent_at=sent_at, body=BODY)
    variables = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    environment = os.environ | variables | {"WEBHOOK_SECRET": secret}
    return {
        subprocess.run([*COMMANDS[name], text], input=body, env=environment, timeout=30, check=False).returncode
        for name, text in programs.items()
    }


def test_every_sample_takes_a_call_of_ours_also_in_the_day_after_a_rotation(programs):
    old, new = signing.new_secret(), signing.new_secret()

    assert verdicts(programs, secret=new, signed_by=(new,)) == {0}
    assert verdicts(programs, secret=old, signed_by=(new, old)) == {0}


def test_every_sample_refuses_a_changed_body_a_wrong_secret_and_an_old_call(programs):
    secret, other = signing.new_secret(), signing.new_secret()

    assert verdicts(programs, secret=secret, signed_by=(secret,), body=BODY.replace(b"30", b"10")) == {1}
    assert verdicts(programs, secret=other, signed_by=(secret,)) == {1}
    assert verdicts(programs, secret=secret, signed_by=(secret,), age_s=301) == {1}


def test_the_signature_is_the_one_of_the_standards_own_example():
    made = signing.signature(
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_never_twice_the_same_and_long_enough():
    made = {signing.new_secret() for _ in range(50)}

    assert len(made) == 50
    assert {len(one) for one in made} == {len("whsec_") + 44}
