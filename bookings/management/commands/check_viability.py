"""The command line's door to the viability check."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from bookings import services
from bookings.services import ViabilityVerdict
from common import clock
from common.management.base import DomainCommand

_WORDS = {"aborted": "not viable: aborted", "warned": "too few seats: supplier warned", "failed": "FAILED, see the log"}
_WOULD = {"aborted": "not viable: would be aborted", "warned": "too few seats: supplier would be warned"}


class Command(DomainCommand):
    help = (
        "Warn the suppliers of launches that sell too few seats, and abort those not viable three months before "
        "departure. Runs every hour by itself; running it again changes nothing. Exit code: 0 done, 1 some failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        words = _WOULD if options["dry_run"] else _WORDS

        def tell(verdict: ViabilityVerdict) -> None:
            self.stdout.write(
                f"{verdict.slug}: {verdict.seats_sold} of {verdict.seats_needed} needed seats sold, "
                f"{words[verdict.outcome]}"
            )

        report = services.viability_check(now=clock.now(), is_dry_run=options["dry_run"], tell=tell)
        self.stdout.write(
            f"{report.looked_at} looked at, {report.warned} warned, {report.aborted} aborted, {report.failed} failed"
            f"{' (dry run: nothing was changed)' if options['dry_run'] else ''}"
        )
        if report.failed:
            raise CommandError(f"{report.failed} launches could not be decided.", returncode=1)
