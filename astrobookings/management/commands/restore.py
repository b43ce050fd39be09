"""Restore a backup into empty databases."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser

from astrobookings.backup import whole
from common.management.base import DomainCommand


class Command(DomainCommand):
    help = (
        "Restore a backup into empty databases, write the copies of documents anew, and prove the audit trail. "
        "Exit code 0: all is there; 1: it is there, but reconciliation or the proof has something to say; "
        "2: nothing was restored."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="What `manage.py backup` has written.")

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = whole.backup_restore(folder=options["folder"], say=self.stdout.write)
        self.stdout.write(f"Restored what was backed up at {manifest['made_at']}; the ledger is the same to the cent.")
        # Reconciliation alone would leave copies alone that an undelivered event is about.
        codes = [self._also(*command) for command in (("documents", "rebuild"), ("reconcile",), ("verify_audit",))]
        if codes[0] or codes[1] not in {0, 1} or codes[2]:
            sys.exit(1)

    def _also(self, *command: str) -> int:
        """Run another command and return its exit code; 1 of reconciliation is what came between dump and documents."""
        try:
            call_command(*command, stdout=self.stdout, stderr=self.stderr)
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0
