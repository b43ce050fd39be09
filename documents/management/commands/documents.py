"""Create what the document stores need, write copies anew, or say how the stores stand."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from common.errors import InvalidInput
from common.management.base import DomainCommand
from documents import selectors, services
from documents.rebuild import Rebuilt


class Command(DomainCommand):
    help = (
        "Create collections, validators and indexes in the document stores (ensure), write the copies of offers and "
        "trips anew from PostgreSQL (rebuild; safe while people book), or list the collections (status)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["ensure", "rebuild", "status"])
        parser.add_argument(
            "--dataset", action="append", default=[], help="Rebuild only this data set; may be repeated."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dataset"] and options["action"] != "rebuild":
            raise InvalidInput("--dataset belongs to rebuild; leave it out.")
        getattr(self, f"_{options['action']}")(options["dataset"])

    def _ensure(self, _: list[str]) -> None:
        changes = services.stores_ensure()
        for change in changes:
            self.stdout.write(f"  {change}")
        self.stdout.write(f"The document stores are ready; {len(changes)} changes.")

    def _rebuild(self, datasets: list[str]) -> None:
        done = services.copies_rebuild(datasets=datasets, progress=self._progress)
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
        for figures in done:
            self.stdout.write(_sentence(figures))
        if any(figures.refused for figures in done):
            self.stdout.write("The system log names what was refused.")
            sys.exit(2)

    def _progress(self, figures: Rebuilt) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{_sentence(figures)}", ending="")
            self.stderr.flush()

    def _status(self, _: list[str]) -> None:
        self.stdout.write(f"{'store':<9} {'collection':<15} {'documents':>10}  indexes")
        for found in selectors.stores_status():
            indexes = f"missing: {', '.join(found.missing_indexes)}" if found.missing_indexes else "all there"
            count = f"{found.documents:,}" if found.exists else "none yet"
            self.stdout.write(f"{found.store:<9} {found.name:<15} {count:>10}  {indexes}")


def _sentence(figures: Rebuilt) -> str:
    rest = f", {figures.newer:,} newer already" if figures.newer else ""
    rest += f", {figures.refused:,} refused" if figures.refused else ""
    return f"{figures.name}: {figures.written:,} of {figures.read:,} written{rest} in {figures.duration_s:.1f} s"
