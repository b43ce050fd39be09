"""Import a file of launches: read it, move the schedule if asked, write record by record, report."""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from common.dates import Precision, local_date
from launches import errors
from launches.services.feed_import import IsTaken, Outcome, RecordResult, record_import
from launches.services.feed_options import FeedOptions
from launches.services.feed_parse import FeedProblem, FeedRecord, document_parse
from launches.services.reference import known_places, reference_data_load

FILE_BYTES_MAX = 64 * 1024 * 1024
Progress = Callable[[int, int, RecordResult], None]


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What became of each record of a file, in its order."""

    results: tuple[RecordResult, ...]
    is_dry_run: bool

    def count(self, outcome: Outcome) -> int:
        """Return how many records had an outcome."""
        return sum(result.outcome is outcome for result in self.results)


def feed_file_import(
    *,
    path: Path,
    options: FeedOptions,
    is_taken: IsTaken,
    now: datetime,
    is_dry_run: bool = False,
    on_progress: Progress | None = None,
) -> FileReport:
    """
    Import a Launch Library 2 file: create and update suppliers, rockets, spaceports and launches by the feed's ids.

    Each record is written in a transaction of its own, so a broken one is refused alone. A dry run does everything in
    one transaction and takes it back.

    Args:
        is_taken: whether seats of a launch are sold or held, which `record_import` must know.
        on_progress: told (records done, records in the file, result) after each record.
    Raises: FeedUnreadable when the file is no such feed; InvalidInput for options that make no sense.
    Source: facts.md, Launch Library 2.
    """
    options.check(now=now)
    try:
        content = _read(path)
        parsed = document_parse(content, places=known_places())
    except errors.FeedUnreadable as error:
        # A file's name need not be text.
        name = path.name.encode(errors="backslashreplace").decode()
        raise errors.FeedUnreadable(file=name, why=error.facts["why"]) from error
    departures = _departures(parsed, options.rebase_to)
    if not is_dry_run:
        reference_data_load()
        results = _import(parsed, departures, options, is_taken, now, on_progress)
        return FileReport(results=results, is_dry_run=False)
    with transaction.atomic():
        reference_data_load()
        results = _import(parsed, departures, options, is_taken, now, on_progress)
        transaction.set_rollback(True)
    return FileReport(results=results, is_dry_run=True)


def _import(
    parsed: Sequence[FeedRecord | FeedProblem],
    departures: dict[str, datetime],
    options: FeedOptions,
    is_taken: IsTaken,
    now: datetime,
    on_progress: Progress | None,
) -> tuple[RecordResult, ...]:
    results = []
    for number, record in enumerate(parsed, start=1):
        if isinstance(record, FeedProblem):
            result = RecordResult(outcome=Outcome.REFUSED, name=record.name, field=record.field, why=record.why)
        else:
            at = departures[str(record.feed_id)]
            result = record_import(record=record, departure_at=at, options=options, is_taken=is_taken, now=now)
        results.append(result)
        if on_progress:
            on_progress(number, len(parsed), result)
    return tuple(results)


def _read(path: Path) -> bytes:
    def refused(why: str) -> errors.FeedUnreadable:
        return errors.FeedUnreadable(why, why=why)

    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise refused("it is not a file but a directory or a device.")
        if found.st_size > FILE_BYTES_MAX:
            limit = FILE_BYTES_MAX // (1024 * 1024)
            raise refused(f"it is larger than {limit} MB; download the schedule in smaller pages.")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise refused("there is no such file.") from error
    except (OSError, ValueError) as error:
        raise refused(f"it cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    if not content.strip():
        raise refused("it is empty.")
    return content


# --- departures ---------------------------------------------------------------------------------------------
def _departures(parsed: Sequence[FeedRecord | FeedProblem], rebase_to: date | None) -> dict[str, datetime]:
    """Return each record's departure by its feed id, moved by whole days when the schedule is."""
    records = [record for record in parsed if isinstance(record, FeedRecord)]
    days = _days_to(records, rebase_to) if records and rebase_to else 0
    return {str(record.feed_id): _departure(record, days) for record in records}


def _days_to(records: Sequence[FeedRecord], target: date) -> int:
    """Return by how many days the schedule moves so that its first launch leaves on the target day there."""
    first = min(records, key=lambda record: (_departure(record, 0), record.feed_id))
    days = (target - _day(first, 0)).days
    # Where the clocks change in between, the same time in UTC may fall on the next or the previous day.
    return days + (target - _day(first, days)).days


def _day(record: FeedRecord, days: int) -> date:
    return local_date(_departure(record, days), record.place.time_zone)


def _departure(record: FeedRecord, days: int) -> datetime:
    """
    Return the instant to store.

    A time that is no more than a placeholder (precision of a day or coarser) names a day in UTC; noon of that day at
    the spaceport keeps it the same day, month and year there.
    """
    moved = record.net + timedelta(days=days)
    if record.precision in (Precision.SECOND, Precision.MINUTE, Precision.HOUR):
        return moved
    zone = ZoneInfo(record.place.time_zone)
    return datetime.combine(moved.date(), time(12), zone).astimezone(UTC)
