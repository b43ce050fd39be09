"""Compare the stores and repair what differs."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandParser
from tqdm import tqdm

from common import context
from common.context import Origin
from common.management.base import DomainCommand
from documents import comparison, selectors, services
from documents.models import ReconciliationRun

_FIGURES = ("looked_at", "missing", "stale", "orphaned", "repaired", "failed", "duration_s")


class Command(DomainCommand):
    help = (
        "Compare PostgreSQL with the document stores and repair what differs. "
        "Exit code 0: no drift; 1: drift, repaired or (with --dry-run) found; 2: could not repair, or did not end. "
        "Ctrl-C ends the run after the batch it is at; what is repaired by then stays repaired."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", action="append", default=[], help="Only this data set; may be repeated.")
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--full", action="store_true", help="Compare everything; the default.")
        scope.add_argument(
            "--since-last", action="store_true", help="Compare only what something happened to since the run before."
        )
        scope.add_argument("--cancel", action="store_true", help="End the run that is at work, and do nothing else.")
        parser.add_argument("--dry-run", action="store_true", help="Report only; write no document.")
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cancel"]:
            self._cancel()
            return
        now = context.current()
        opened = services.reconciliation_start(
            datasets=options["dataset"],
            is_full=not options["since_last"],
            is_dry_run=options["dry_run"],
            origin=Origin.COMMAND,
            actor_id=now.actor_id,
            actor_email=now.actor_email,
        )
        try:
            with _bars() as progress:
                run = services.reconciliation_run(run_id=opened.pk, progress=progress)
        except KeyboardInterrupt:
            run = selectors.reconciliation_get(run_id=opened.pk)
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(run)))
        else:
            self._table(run)
        if code := _exit_code(run):
            sys.exit(code)

    def _cancel(self) -> None:
        run = services.reconciliation_cancel_running()
        if run is None:
            self.stdout.write("No reconciliation is at work.")
        else:
            self.stdout.write(f"Reconciliation {run.pk} ends after the batch it is at.")

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


@contextmanager
def _bars() -> Iterator[comparison.Progress]:
    """Give what shows a bar for each data set; nothing where nobody watches."""
    bars: dict[str, tqdm[Any]] = {}

    def progress(name: str, counts: comparison.Counts) -> None:
        if name not in bars:
            bars[name] = tqdm(desc=name, unit=" keys", unit_scale=True, file=sys.stderr, disable=None)
        bar = bars[name]
        bar.total = counts.expected
        bar.set_postfix(differ=counts.drift, repaired=counts.repaired, refresh=False)
        bar.update(counts.looked_at - bar.n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()


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
        "full": run.is_full,
        "dry_run": run.is_dry_run,
        "exit_code": _exit_code(run),
        "datasets": run.counts,
    }
