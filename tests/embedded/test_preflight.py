"""What can be wrong before anything starts: each gets a sentence that says what to do."""

import os
import socket
import subprocess
import sys

import pytest

from astrobookings.embedded import preflight, state
from astrobookings.embedded.lock import RunLock
from astrobookings.embedded.processes import EmbeddedError, port_choose
from tests.embedded.waiting import ROOT


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def no_urls(monkeypatch):
    for name in state.URL_NAMES:
        monkeypatch.delenv(name, raising=False)


def test_a_taken_port_is_named_with_a_free_one(place, taken_port, no_urls):
    with pytest.raises(EmbeddedError, match=rf"PORT {taken_port} on 127.0.0.1 is taken.*make run PORT=\d+"):
        preflight.everything(var=place, host="127.0.0.1", port=taken_port)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(EmbeddedError, match="must be a number from 1 to 65535"):
        preflight.address()


def test_an_address_of_another_machine(place, no_urls):
    with pytest.raises(EmbeddedError, match="no address of this machine"):
        preflight.everything(var=place, host="192.0.2.1", port=port_choose())


def test_a_full_disk(place, no_urls, monkeypatch):
    monkeypatch.setattr(preflight, "SPACE_BYTES", 1 << 62)
    with pytest.raises(EmbeddedError, match="disk is almost full"):
        preflight.everything(var=place, host="127.0.0.1", port=port_choose())


@pytest.mark.parametrize(
    ("name", "url", "sentence"),
    [
        ("DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/x", "127.0.0.1:1 does not let us in .*unset DATABASE_URL"),
        ("DATABASE_URL", "mysql://u:hush@127.0.0.1/x", "must look like postgresql://"),
        ("DATABASE_URL", "postgresql://u:hush@127.0.0.1:99999/x", "port is not a number"),
        ("LOGS_MONGODB_URL", "http://u:hush@x", "must look like mongodb://"),
        ("CUSTOMER_MONGODB_URL", "mongodb://u:hush@127.0.0.1:1/x", "does not answer us .*unset CUSTOMER_MONGODB_URL"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(monkeypatch, place, no_urls, name, url, sentence):
    monkeypatch.setattr(preflight, "CONNECT_TIMEOUT_S", 1)
    monkeypatch.setenv(name, url)
    with pytest.raises(EmbeddedError, match=sentence) as refused:
        preflight.everything(var=place, host="127.0.0.1", port=port_choose())
    assert "hush" not in str(refused.value)


def test_a_var_that_is_a_file(place):
    (place / "var").write_text("")
    with pytest.raises(EmbeddedError, match="is a file where a directory is needed"):
        preflight.var_ready(var=place / "var")


def test_a_second_run_says_where_the_first_is(place):
    preflight.var_ready(var=place)
    lock = RunLock(path=place / "run" / "lock")
    try:
        assert lock.take()
        lock.note(text=f"{os.getpid()} http://127.0.0.1:8000")
        second = subprocess.run(
            [sys.executable, "-m", "astrobookings.embedded.run"],
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": str(place)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        lock.close()
    assert second.returncode == 1
    assert f"runs already (process {os.getpid()} at http://127.0.0.1:8000)" in second.stderr
