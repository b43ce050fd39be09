"""Load the demo data."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from astrobookings.demo import seed
from common.management.base import DomainCommand
from launches import selectors as launch_selectors


class Command(DomainCommand):
    help = "Load the demo data: real vehicles and places, launches relative to today, bookings, invoices."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are launches or demo people")

    def handle(self, *args: Any, **options: Any) -> None:
        if launch_selectors.has_launches() or seed.has_demo():
            if options["if_empty"]:
                self.stdout.write("There are data already; the demo is left out.")
                return
            raise CommandError(
                "There are launches or demo people already. The demo goes into an empty database; nothing was changed.",
                returncode=2,
            )
        count = seed.demo_seed(now=timezone.now(), say=lambda step: self.stdout.write(f"  {step}"))
        self.stdout.write(f"Demo loaded: {count} launches.")
