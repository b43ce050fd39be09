"""The document server from the wheel: users, durability, and never outliving its parent."""

import signal

import pymongo
import pytest
from pymongo.errors import OperationFailure

from astrobookings.embedded.mongo import Mongo
from tests.embedded.waiting import gone, line_of, python


@pytest.fixture
def server(place):
    made = Mongo(data_dir=place / "docs", database="astro_logs", password="p/w", log_path=place / "docs.log")
    yield made
    made.stop()


def test_documents_survive_a_crash_and_a_new_password(server):
    server.start()
    with pymongo.MongoClient(server.url) as client:
        client.get_default_database().kept.insert_one({"number": 1})
    server.kill()
    server.password = "the secrets file was lost"
    server.start()
    with pymongo.MongoClient(server.url) as client:
        assert [kept["number"] for kept in client.get_default_database().kept.find()] == [1]
    assert "retryWrites=false" in server.url


def test_only_its_user_gets_in_and_only_to_its_database(server):
    server.start()
    with (
        pymongo.MongoClient(f"mongodb://127.0.0.1:{server.port}/?retryWrites=false") as nobody,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        nobody.astro_logs.kept.insert_one({})
    with pymongo.MongoClient(server.url) as client, pytest.raises(OperationFailure, match="not authorized"):
        client.astro_customers.kept.insert_one({})
    assert server.data_dir.stat().st_mode & 0o077 == 0


def test_it_dies_with_a_killed_parent(place):
    parent = python(
        "import sys; from pathlib import Path; from astrobookings.embedded.mongo import Mongo\n"
        "p = Path(sys.argv[1])\n"
        "s = Mongo(data_dir=p/'d', database='x', password='', log_path=p/'l'); s.start()\n"
        "print(s.pid, flush=True); sys.stdin.read()",
        str(place),
        stdin=-1,
    )
    with parent:
        pid = int(line_of(parent))
        parent.send_signal(signal.SIGKILL)
    assert gone(pid)
