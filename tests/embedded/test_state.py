"""What is remembered between starts, and who may read it."""

import json
import os

from astrobookings.embedded import state
from tests.embedded.waiting import python


def test_urls_are_given_while_their_processes_live(place):
    with python("import sys; sys.stdin.read()", stdin=-1) as other:
        urls = {"DATABASE_URL": ("postgresql://here", os.getpid()), "LOGS_MONGODB_URL": ("mongodb://there", other.pid)}
        state.write_urls(urls=urls, var=place)
        assert state.read_urls(var=place) == {name: url for name, (url, _) in urls.items()}
        other.kill()
    assert state.read_urls(var=place) == {"DATABASE_URL": "postgresql://here"}
    assert (place / "run" / "servers.json").stat().st_mode & 0o777 == 0o600


def test_a_later_process_with_the_same_number_is_not_taken_for_the_server(place):
    state.write_urls(urls={"DATABASE_URL": ("postgresql://here", os.getpid())}, var=place)
    path = place / "run" / "servers.json"
    record = json.loads(path.read_text())
    record["DATABASE_URL"]["started"] = "1"
    path.write_text(json.dumps(record))
    assert state.read_urls(var=place) == {}


def test_a_missing_or_broken_file_gives_nothing(place):
    assert state.read_urls(var=place) == {}
    (place / "run").mkdir()
    for text in ("{", "[]", '{"DATABASE_URL": 5}'):
        (place / "run" / "servers.json").write_text(text)
        assert state.read_urls(var=place) == {}


def test_secrets_are_made_once_and_private(place):
    first = state.secret(name="ONE", var=place)
    assert state.secret(name="TWO", var=place) != first
    assert state.secret(name="ONE", var=place) == first
    assert (place / "secrets.json").stat().st_mode & 0o777 == 0o600
