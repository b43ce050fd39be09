"""Compare all books of money and repair what differs."""

import json
import sys
from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from common.management.base import DomainCommand
from finance.enums import MoneyDifference
from finance.models import MoneyReconciliationRun
from finance.services.reconciling import money_reconcile


class Command(DomainCommand):
    help = (
        "Compare the gateways' books, payments, ledger, bookings and invoices, and repair what differs. "
        "Exit code 0: every cent is explained; 1: differences, all repaired or (with --dry-run) found; "
        "2: some are left for people, or it could not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=_day, help="Only what moved on this day (YYYY-MM-DD, UTC).")
        parser.add_argument("--dry-run", action="store_true", help="Report only; repair nothing.")
        parser.add_argument("--json", action="store_true", help="Print the findings as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        run = money_reconcile(now=timezone.now(), day=options["day"], is_dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(run)))
        else:
            self._table(run)
        if code := _exit_code(run):
            sys.exit(code)

    def _table(self, run: MoneyReconciliationRun) -> None:
        if run.findings:
            found = Counter(finding["class"] for finding in run.findings)
            repaired = Counter(finding["class"] for finding in run.findings if finding["repaired"])
            rows = [("difference", "found", "repaired")]
            rows += [
                (MoneyDifference(kind).label, f"{count:,}", f"{repaired[kind]:,}") for kind, count in found.items()
            ]
            widths = [max(len(row[place]) for row in rows) for place in range(3)]
            for name, count, done in rows:
                self.stdout.write(f"{name.ljust(widths[0])}  {count.rjust(widths[1])}  {done.rjust(widths[2])}")
            for finding in run.findings:
                self.stdout.write("")
                self.stdout.write(f"{finding['subject']}: {finding['label'][0].lower()}{finding['label'][1:]}.")
                self.stdout.write(f"  Expected: {finding['expected']}")
                self.stdout.write(f"  Found:    {finding['found']}")
                self.stdout.write(f"  {finding['done']}")
            self.stdout.write("")
        self.stdout.write(_sentence(run))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError("Give the day as YYYY-MM-DD, like 2027-01-15.", returncode=2) from error


def _sentence(run: MoneyReconciliationRun) -> str:
    looked_at = f"{run.looked_at:,} looked at"
    if not run.found:
        return f"Every cent is explained; {looked_at}."
    more = f" The first {len(run.findings)} are named above." if run.found > len(run.findings) else ""
    if run.is_dry_run:
        return f"Differences: {run.found} found, {looked_at}; nothing was written.{more}"
    if run.found > run.repaired:
        return (
            f"Differences: {run.found} found, {run.repaired} repaired, {run.found - run.repaired} left for people; "
            f"{looked_at}.{more}"
        )
    return f"Differences: {run.found} found, all repaired; {looked_at}.{more}"


def _exit_code(run: MoneyReconciliationRun) -> int:
    if not run.found:
        return 0
    return 1 if run.is_dry_run or run.found == run.repaired else 2


def _as_dict(run: MoneyReconciliationRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "day": run.day and run.day.isoformat(),
        "dry_run": run.is_dry_run,
        "exit_code": _exit_code(run),
        "looked_at": run.looked_at,
        "found": run.found,
        "repaired": run.repaired,
        "findings": run.findings,
    }
