"""Create what the document stores need, or say how they stand."""

from typing import Any

from django.core.management.base import CommandParser

from common.management.base import DomainCommand
from documents import selectors, services


class Command(DomainCommand):
    help = "Create collections, validators and indexes in the document stores (ensure), or list them (status)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["ensure", "status"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "ensure":
            changes = services.stores_ensure()
            for change in changes:
                self.stdout.write(f"  {change}")
            self.stdout.write(f"The document stores are ready; {len(changes)} changes.")
        else:
            self._status()

    def _status(self) -> None:
        self.stdout.write(f"{'store':<9} {'collection':<15} {'documents':>10}  indexes")
        for found in selectors.stores_status():
            indexes = f"missing: {', '.join(found.missing_indexes)}" if found.missing_indexes else "all there"
            count = f"{found.documents:,}" if found.exists else "none yet"
            self.stdout.write(f"{found.store:<9} {found.name:<15} {count:>10}  {indexes}")
