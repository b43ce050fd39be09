"""
A backup is a folder: PostgreSQL's dump, a file a home of documents, and a manifest that says what they are.

# Note [In which order]
PostgreSQL is dumped first, then the documents. So whoever the dump knows has a profile and a password; a document of
somebody who came in between is an orphan, which reconciliation removes. The ledger's digest is of the very snapshot
that is dumped.
"""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from astrobookings.backup import dump
from common import outbox_moving
from common.errors import DomainError, Kind
from documents import homes, sealing
from documents import services as document_services
from finance import selectors as finance_selectors

DUMP = "postgresql.dump"
MANIFEST = "manifest.json"
FORMAT = 1
Say = Callable[[str], None]


class BackupRefused(DomainError):
    """A backup cannot be made or restored there."""

    code = "backup_refused"
    kind = Kind.CONFLICT


def backup_make(*, folder: Path, now: datetime, say: Say) -> Mapping[str, Any]:
    """
    Write a backup into a new folder, which only its owner can read, and return its manifest; safe while people book.

    Args:
        folder: appears when the backup is whole; until then its name ends in `.part`.
    Raises: BackupRefused, ToolFailed, DocumentStoreUnavailable.
    """
    if folder.exists():
        raise BackupRefused(f"FOLDER: {folder} is there already. Name a new one; nothing was written.")
    part = folder.with_name(folder.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        say("PostgreSQL ...")
        digest = _dump(part / DUMP)
        say("Documents ...")
        counts = homes.homes_write(part)
        files = {name: {"sha256": _sha256(part / name), "bytes": (part / name).stat().st_size} for name in _names()}
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "ledger": digest,
            "key": sealing.key_name(),
            "files": files,
            "documents": counts,
        }
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        _to_disk(part)
        part.rename(folder)
    except OSError as error:
        raise BackupRefused(f"FOLDER: {folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def backup_restore(*, folder: Path, say: Say) -> Mapping[str, Any]:
    """
    Fill empty databases from a backup, bring it up to this code, and return its manifest.

    Raises: BackupRefused, ToolFailed, DocumentRefused, DocumentStoreUnavailable; the databases are empty as before, but
        when the ledger turns out another than the backup's.
    """
    say("Looking at the files ...")
    manifest = _manifest_read(folder)
    _is_empty_check()
    document_services.stores_ensure()
    say("Documents ...")
    try:
        homes.homes_read(folder)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise BackupRefused(f"FOLDER: a file in {folder} holds no documents: {error}") from error
    say("PostgreSQL ...")
    try:
        dump.dump_read(path=folder / DUMP)
    except BaseException:
        homes.homes_clear()
        raise
    outbox_moving.renumber()
    call_command("migrate", interactive=False, verbosity=0)
    found, wanted = finance_selectors.ledger_digest(), manifest["ledger"]
    if found != wanted:
        raise BackupRefused(f"The restored ledger is another than the backup's: {found} instead of {wanted}.")
    return manifest


def _dump(path: Path) -> str:
    """Dump a snapshot and return its ledger's digest."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # It waits for pg_dump as long as that takes.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        dump.dump_write(path=path, snapshot=snapshot)
        return finance_selectors.ledger_digest()


def _manifest_read(folder: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files, key = manifest["files"], manifest["key"]
        is_known = manifest["format"] == FORMAT
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupRefused(f"FOLDER: {folder} is no backup: its {MANIFEST} is missing or spoilt.") from error
    if not is_known:
        raise BackupRefused(f"FOLDER: {folder} was made by a later version. Restore it with that one.")
    for name in _names():
        if name not in files or not (folder / name).is_file() or _sha256(folder / name) != files[name]["sha256"]:
            raise BackupRefused(f"FOLDER: {folder / name} is missing or spoilt. Take another backup.")
    if not sealing.is_known(key):
        raise BackupRefused(
            "SECRET_KEY: the backup was made with another one, without which its audit trail cannot be proven. "
            "Set SECRET_KEY, or SECRET_KEY_FALLBACKS, to it."
        )
    return manifest  # type: ignore[no-any-return]


def _is_empty_check() -> None:
    if tables := connection.introspection.table_names():
        raise BackupRefused(
            f"DATABASE_URL: the database holds {len(tables)} tables. Restore into an empty one; nothing was changed."
        )
    if filled := homes.homes_filled():
        raise BackupRefused(
            f"The document stores hold {', '.join(filled)}. Restore into empty ones; nothing was changed."
        )


def _names() -> list[str]:
    return [DUMP, *homes.file_names()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o600)  # whoever copies a file out of the folder copies this too
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
