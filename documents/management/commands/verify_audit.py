"""Prove that the audit trail is whole."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from common import context
from common.context import Origin
from common.management.base import DomainCommand
from documents import audit_checks
from documents.audit_proof import Proof
from documents.enums import CheckStatus


class Command(DomainCommand):
    help = (
        "Prove that nothing in the audit trail was altered, removed, inserted or put elsewhere, or name the first "
        "broken entry. Exit code 0: whole; 1: broken; 2: it could not be checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the outcome as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = context.current()
        check = audit_checks.check_start(origin=Origin.COMMAND, actor_id=now.actor_id, actor_email=now.actor_email)
        is_watched = sys.stderr.isatty()
        check = audit_checks.check_run(check_id=check.pk, progress=self._progress if is_watched else None)
        if is_watched:
            self.stderr.write("\r\033[K", ending="")
        if options["json"]:
            outcome = {name: getattr(check, name) for name in _FIELDS}
            self.stdout.write(json.dumps({"check": check.pk, **outcome}))
        else:
            self.stdout.write(check.sentence)
        if check.status != CheckStatus.WHOLE:
            sys.exit(1)

    def _progress(self, proof: Proof) -> None:
        self.stderr.write(f"\r\033[K{proof.entries:,} entries, {proof.events:,} events", ending="")
        self.stderr.flush()


_FIELDS = ("status", "entries", "older_entries", "events", "broken_at", "problem")
