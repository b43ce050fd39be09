"""Compare the stores and repair what differs."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from common import context
from common.context import Origin
from common.management.base import DomainCommand
from documents import reconcile, services
from documents.models import ReconciliationRun

_FIGURES = ("looked_at", "missing", "stale", "orphaned", "repaired", "failed", "duration_s")


class Command(DomainCommand):
    help = (
        "Compare PostgreSQL with the document stores and repair what differs. "
        "Exit code 0: no drift; 1: drift, repaired or (with --dry-run) found; 2: could not repair."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", action="append", default=[], help="Only this data set; may be repeated.")
        parser.add_argument("--dry-run", action="store_true", help="Report only; write no document.")
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = context.current()
        opened = services.reconciliation_start(
            datasets=options["dataset"],
            is_dry_run=options["dry_run"],
            origin=Origin.COMMAND,
            actor_id=now.actor_id,
            actor_email=now.actor_email,
        )
        run = services.reconciliation_run(run_id=opened.pk, progress=self._progress if sys.stderr.isatty() else None)
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(run)))
        else:
            self._table(run)
        if code := _exit_code(run):
            sys.exit(code)

    def _progress(self, name: str, counts: reconcile.Counts) -> None:
        text = f"{name}: {counts.looked_at:,} looked at, {counts.drift:,} differ, {counts.repaired:,} repaired"
        self.stderr.write(f"\r\033[K{text}", ending="")
        self.stderr.flush()

    def _table(self, run: ReconciliationRun) -> None:
        heads = ("data set", *(name.replace("duration_s", "seconds").replace("_", " ") for name in _FIGURES))
        rows = [(name, *(_shown(figures[key]) for key in _FIGURES)) for name, figures in run.counts.items()]
        widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
        for row in (heads, *rows):
            cells = [
                cell.ljust(w) if not place else cell.rjust(w)
                for place, (cell, w) in enumerate(zip(row, widths, strict=True))
            ]
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(_sentence(run))


def _shown(figure: float) -> str:
    return f"{figure:,.1f}" if isinstance(figure, float) else f"{figure:,}"


def _sentence(run: ReconciliationRun) -> str:
    if not run.counts:
        return "No data set is registered."
    if run.status != "done":
        return f"Reconciliation {run.pk} was {run.status} before its end."
    if not run.drift:
        return "No drift."
    if run.is_dry_run:
        return f"Drift: {run.drift} found; nothing was written."
    if run.failed:
        return f"Drift: {run.drift} found, {run.failed} could not be repaired; the system log names them."
    return f"Drift: {run.drift} found, all repaired."


def _exit_code(run: ReconciliationRun) -> int:
    if run.failed or run.status != "done":
        return 2
    return 1 if run.drift else 0


def _as_dict(run: ReconciliationRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "status": run.status,
        "dry_run": run.is_dry_run,
        "exit_code": _exit_code(run),
        "datasets": run.counts,
    }
