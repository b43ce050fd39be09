"""
The documents that have no other home, to files and back, for backups.

Not among them: copies (offers, trips), which are written anew; the system log; refresh tokens, of which one that was
revoked since would come back to life.
"""

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from documents import mongo
from documents.repositories import AuditTrail, Credentials, Profiles, Repository, WebhookSecrets

HOMES: tuple[type[Repository], ...] = (Profiles, Credentials, WebhookSecrets, AuditTrail)
_AT_ONCE = 500  # documents
_WITHIN_S = 3600.0  # for each collection


def file_names() -> list[str]:
    """Return the names of the files, one a collection."""
    return [_file_name(home) for home in HOMES]


def homes_write(folder: Path) -> dict[str, int]:
    """
    Write each collection to a file in the folder, a document a line, and return how many documents each has.

    Raises: DocumentStoreUnavailable, OSError.
    """
    counts = {}
    for home in HOMES:
        counts[_file_name(home)] = 0
        with (
            gzip.open(folder / _file_name(home), "wt", encoding="utf-8") as file,
            mongo.patient(_WITHIN_S, home.store()),
        ):
            for line in home.lines():
                file.write(line + "\n")
                counts[_file_name(home)] += 1
    return counts


def homes_filled() -> list[str]:
    """Return the names of the collections that hold documents. Raises: DocumentStoreUnavailable."""
    return [home.name for home in HOMES if home.count_about()]


def homes_read(folder: Path) -> dict[str, int]:
    """
    Fill the empty collections from such files and return how many documents each got; all of them, or none.

    Raises: ValueError for a file that is no such file, DocumentRefused, DocumentStoreUnavailable, OSError.
    """
    counts = {}
    try:
        for home in HOMES:
            counts[_file_name(home)] = 0
            with gzip.open(folder / _file_name(home), "rt", encoding="utf-8") as file:
                for lines in _portions(file):
                    home.lines_add(lines)
                    counts[_file_name(home)] += len(lines)
    except BaseException:
        homes_clear()
        raise
    return counts


def homes_clear() -> None:
    """Empty the collections again. Raises: DocumentStoreUnavailable."""
    for home in HOMES:
        home.clear()


def _file_name(home: type[Repository]) -> str:
    return f"{home.name}.jsonl.gz"


def _portions(lines: Iterator[str]) -> Iterator[list[str]]:
    while portion := list(islice(lines, _AT_ONCE)):
        yield portion
