"""The command line's door to the import of launch schedules; here, because only bookings know what is sold."""

import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from bookings import selectors
from common import clock
from common.management.base import DomainCommand
from common.money import CURRENCIES
from launches import errors, services
from launches.services import FeedOptions, FileReport, Outcome, RecordResult

HELP = """
Import launches from Launch Library 2 JSON files (versions 2.0.0 to 2.3.0; an answer of /launch/upcoming/,
a list of launches, or one launch). Suppliers, rockets, spaceports and launches are created or updated by the
feed's ids; importing a file again changes nothing. New suppliers are entered as approved. A record that cannot
be used is refused alone, with its field and the reason; so is one that would let a launch with seats sold or
held leave earlier, from elsewhere, to elsewhere or with another rocket. A later departure is announced as a delay.

Launches to come go on sale. Those that have flown enter as history when the feed says how they ended, else they
are refused; with --rebase-to the file's schedule moves as a whole and everything is to come.

Exit code: 0 all records are in; 1 some records were refused; 2 a file or an option was refused.
"""


class Command(DomainCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a Launch Library 2 JSON file")
        parser.add_argument(
            "--supplier", metavar="NAME", help="put all launches under this supplier (default: the feed's provider)"
        )
        parser.add_argument("--seats", type=_count, metavar="N", help="seats on sale, 1 to 300 (default: 6)")
        parser.add_argument("--price", type=_amount, metavar="AMOUNT", help="price of a seat (default: 250000)")
        parser.add_argument("--currency", choices=CURRENCIES, help="currency of the price (default: USD)")
        parser.add_argument(
            "--rebase-to",
            type=_day,
            metavar="DATE",
            help="move each file's schedule so that its first launch leaves on this day (2027-03-14); "
            "gaps and times of day stay",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing; report what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = FeedOptions(
            supplier=options["supplier"],
            seats=options["seats"],
            price=options["price"],
            currency=options["currency"],
            rebase_to=options["rebase_to"],
        )
        now = timezone.now()
        chosen.check(now=now)
        refused_files = refused_records = 0
        for path in options["files"]:
            try:
                report = services.feed_file_import(
                    path=path,
                    options=chosen,
                    is_taken=lambda launch_id: selectors.is_any_seat_taken(launch_id=launch_id, now=clock.now()),
                    now=now,
                    is_dry_run=options["dry_run"],
                    on_progress=self._progress,
                )
            except errors.FeedUnreadable as error:
                self.stderr.write(error.message)
                refused_files += 1
                continue
            self._report(path, report)
            refused_records += report.count(Outcome.REFUSED)
        if refused_files:
            raise CommandError(f"{refused_files} of {len(options['files'])} files refused.", returncode=2)
        if refused_records:
            raise CommandError(f"{refused_records} records refused; the others are in.", returncode=1)

    def _progress(self, done: int, total: int, result: RecordResult) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            self.stderr.write(f"\r\x1b[K{done} of {total}  {result.outcome}  {result.name[:60]}", ending=end)

    def _report(self, path: Path, report: FileReport) -> None:
        for result in report.results:
            said = f"  {result.outcome:<9}  {result.name}"
            self.stdout.write(f"{said}: {result.field} {result.why}" if result.field else said)
        counts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)
        name = path.name.encode(errors="backslashreplace").decode()
        self.stdout.write(f"{name}: {len(report.results)} launches: {counts}.")
        if report.is_dry_run:
            self.stdout.write("Dry run: nothing was written.")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 3 and 1 <= int(text) <= 300):
        raise ArgumentTypeError("give a number from 1 to 300")
    return int(text)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError("give an amount like 250000 or 250000.50") from error
    if not amount.is_finite() or amount <= 0:
        raise ArgumentTypeError("give an amount above 0, like 250000")
    return amount


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("give a day like 2027-03-14") from error
