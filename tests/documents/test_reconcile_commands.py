"""The commands of reconciliation and of the document stores."""

import json

import pytest
from django.core.management import CommandError, call_command

from documents import reconcile
from documents.repositories import Offers
from tests.documents.builders import make_offer, make_trip
from tests.documents.drifting import Truth, trips_dataset

pytestmark = [pytest.mark.usefixtures("stores"), pytest.mark.django_db]


def test_command_prints_a_table_and_tells_drift_by_its_exit_code(registry, capsys):
    truth = Truth(make_trip(1, 1))
    reconcile.register(trips_dataset(truth))
    reconcile.register(
        reconcile.copies(
            name="offers",
            label="Offers",
            source=lambda after, limit: [(3, 11, make_offer())] if after < 3 else [],
            repository=Offers,
        )
    )

    with pytest.raises(SystemExit) as found:
        call_command("reconcile", "--dry-run")
    assert found.value.code == 1
    with pytest.raises(SystemExit) as repaired:
        call_command("reconcile", "--dataset", "trips")
    assert repaired.value.code == 1
    capsys.readouterr()
    call_command("reconcile", "--dataset", "trips")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "data", "set", "looked", "at", "missing", "stale", "orphaned", "repaired", "failed", "seconds",
    ]  # fmt: skip
    assert lines[1].split()[:7] == ["trips", "1", "0", "0", "0", "0", "0"]
    assert lines[2:] == ["No drift."]
    assert Offers.get(3) is None


def test_command_prints_json(registry, capsys):
    reconcile.register(trips_dataset(Truth(make_trip(1, 1))))

    with pytest.raises(SystemExit):
        call_command("reconcile", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["exit_code"], told["datasets"]["trips"]["repaired"], told["dry_run"]) == (1, 1, False)


def test_command_refuses_an_unknown_data_set_with_a_sentence(registry):
    with pytest.raises(CommandError, match="no data set named 'nope'") as refusal:
        call_command("reconcile", "--dataset", "nope")

    assert refusal.value.returncode == 2


def test_documents_command_ensures_and_shows(capsys):
    call_command("documents", "ensure")
    call_command("documents", "status")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The document stores are ready; 0 changes."
    assert len(lines) == 2 + 9
    assert all(line.endswith("all there") for line in lines[2:])


def test_documents_command_says_when_a_store_is_away(mongo_servers):
    mongo_servers.logs.stop()

    with pytest.raises(CommandError, match="logs document store cannot be reached") as refusal:
        call_command("documents", "ensure")

    assert refusal.value.returncode == 2
