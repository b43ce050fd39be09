"""A backup of a site in use, restored in another database cluster: what was there is there, and life goes on."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import services as account_services
from astrobookings.embedded.postgres import Postgres
from documents import homes
from tests.factories import PASSWORD, LaunchFactory, make_booking
from tests.faults.site import environment

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ana(_empty_documents, settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2"]  # the site's
    return account_services.customer_create(
        email="ana@example.com", full_name="Ana Traveller", password=PASSWORD, now=timezone.now()
    )


@pytest.fixture
def _empty_documents():
    homes.homes_clear()


@pytest.fixture
def backup(tmp_path):
    folder = tmp_path / "kept" / "today"
    call_command("backup", str(folder))
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of a site with empty databases, in a PostgreSQL cluster of its own."""
    place = Path(tempfile.mkdtemp(prefix="astrobookings-elsewhere-"))
    place.chmod(0o711)  # PostgreSQL's user must be able to pass, when we are root
    server = Postgres(
        data_dir=place / "postgres",
        socket_dir=place / "s",
        password="throwaway",
        log_path=place / "postgres.log",
        throwaway=True,
    )
    server.start()
    env = environment(place=tmp_path, mail_port=9) | {"DATABASE_URL": server.url}
    for name in ("CUSTOMER_MONGODB_URL", "LOGS_MONGODB_URL"):
        env[name] = urlunsplit(urlsplit(os.environ[name])._replace(path=f"/restored_{uuid4().hex[:8]}"))
    yield env
    server.stop()
    shutil.rmtree(place)


def run(env, *argv):
    return subprocess.run(
        [sys.executable, *argv], env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )


def restore(env, folder):
    return run(env, "manage.py", "restore", str(folder))


def found(env, *argv):
    done = run(env, *argv)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_all_is_there_again_what_was_not_delivered_is_and_new_bookings_are(ana, deliver, tmp_path, elsewhere):
    launch = LaunchFactory(departure_at=timezone.now() + timedelta(days=500))
    make_booking(launch=launch, customer=ana, now=timezone.now())
    deliver()
    make_booking(launch=launch, customer=ana, now=timezone.now())  # nobody has heard of it when the backup is made
    folder = tmp_path / "today"
    call_command("backup", str(folder))

    done = restore(elsewhere, folder)

    assert done.returncode == 0, done.stderr + done.stdout
    assert "the ledger is the same to the cent" in done.stdout
    assert found(elsewhere, "-m", "tests.restored", "ana@example.com", PASSWORD) == {
        "before": 1,
        "after delivery": 2,
        "new booking": 1,
        "trip of the new booking": "confirmed",
        "audit entries of the new booking": 2,
        "trips": 3,
    }
    assert run(elsewhere, "manage.py", "verify_audit").returncode == 0
    assert run(elsewhere, "manage.py", "reconcile", "--json").returncode == 0
    assert run(elsewhere, "manage.py", "reconcile_money", "--json").returncode == 0


def test_only_its_owner_can_read_a_backup_and_the_site_s_key_is_not_in_it(ana, backup, settings):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in backup.iterdir()} == {0o600}
    assert {path.name for path in backup.iterdir()} == {"manifest.json", "postgresql.dump", *homes.file_names()}
    assert not [path for path in backup.iterdir() if settings.SECRET_KEY.encode() in path.read_bytes()]
    assert list(backup.parent.iterdir()) == [backup]


def test_a_folder_that_is_there_is_left_alone(ana, tmp_path):
    (tmp_path / "photos").mkdir()

    with pytest.raises(CommandError, match=r"FOLDER: .*photos is there already\. Name a new one") as refused:
        call_command("backup", str(tmp_path / "photos"))

    assert refused.value.returncode == 2
    assert list((tmp_path / "photos").iterdir()) == []


def test_where_the_folder_cannot_be_made_nothing_is_written(ana, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match=r"FOLDER: .* cannot be written: Not a directory"):
        call_command("backup", str(tmp_path / "file" / "today"))


def spoil(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("name", ["postgresql.dump", "credentials.jsonl.gz", "manifest.json"])
@pytest.mark.parametrize("harm", [spoil, Path.unlink], ids=["spoilt", "missing"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(ana, backup, name, harm):
    harm(backup / name)

    with pytest.raises(CommandError, match=rf"FOLDER: .*{name}.* missing or spoilt"):
        call_command("restore", str(backup))

    assert sorted(homes.homes_filled()) == ["credentials", "profiles"]


def test_a_site_in_use_is_not_written_over(ana, backup):
    with pytest.raises(CommandError, match=r"DATABASE_URL: the database holds \d+ tables\. Restore into an empty one"):
        call_command("restore", str(backup))


def test_another_secret_key_is_told_before_anything_is_touched(ana, backup, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" * 5, []

    with pytest.raises(CommandError, match=r"SECRET_KEY: the backup was made with another one"):
        call_command("restore", str(backup))


def test_what_fails_half_way_leaves_the_databases_empty(ana, backup, elsewhere, tmp_path):
    dump = backup / "postgresql.dump"
    manifest = json.loads((backup / "manifest.json").read_text())
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])
    hurt = run(elsewhere, "-c", _SEAL_ANEW, str(backup))
    assert hurt.returncode == 0, hurt.stderr

    failed = restore(elsewhere, backup)
    dump.write_bytes(whole)
    (backup / "manifest.json").write_text(json.dumps(manifest))
    again = restore(elsewhere, backup)

    assert failed.returncode == 2
    assert "pg_restore did not do it" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert again.returncode == 0, again.stderr


_SEAL_ANEW = """
import hashlib, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
manifest = json.loads((folder / "manifest.json").read_text())
digest = hashlib.sha256((folder / "postgresql.dump").read_bytes()).hexdigest()
manifest["files"]["postgresql.dump"]["sha256"] = digest
(folder / "manifest.json").write_text(json.dumps(manifest))
"""
