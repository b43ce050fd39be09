"""Back up all that cannot be made anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from astrobookings.backup import whole
from common.management.base import DomainCommand


class Command(DomainCommand):
    help = (
        "Write a backup of PostgreSQL and of the documents that have no other home into a new folder; safe while "
        "people book. SECRET_KEY is not in it: keep that elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="A folder that does not exist yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = whole.backup_make(folder=options["folder"], now=timezone.now(), say=self.stdout.write)
        size = sum(file["bytes"] for file in manifest["files"].values())
        self.stdout.write(
            f"Backed up to {options['folder']}: {size / 1e6:,.1f} MB, "
            f"{sum(manifest['documents'].values()):,} documents, ledger {manifest['ledger'][:16]}."
        )
