"""Join the style sheets of the design system into the one file that pages load."""

from typing import Any

from django.core.management.base import BaseCommand

from portals.shared import stylesheet


class Command(BaseCommand):
    help = "Join portals/shared/styles/*.css into static/shared/css/portal.css; run it after changing one of them."

    def handle(self, *_: Any, **__: Any) -> None:
        count = stylesheet.write()
        self.stdout.write(f"{stylesheet.TARGET.name}: {count} files joined.")
