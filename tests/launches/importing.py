"""Running `manage.py import_launches`, and schedules for it that lie ahead of the clock."""

import io
from datetime import datetime, timedelta

from django.core.management import CommandError, call_command
from django.utils import timezone

from common.models import OutboxEvent
from launches.models import Destination, Launch, LaunchHistory, LaunchSeat, Rocket, Spaceport, Supplier
from tests.launches.feeds import launch_2_3_0

# The door looks at the clock: schedules here lie a year ahead of it or behind it.
AHEAD = (timezone.now() + timedelta(days=365)).replace(hour=16, minute=35, second=0, microsecond=0)
PAST = AHEAD - timedelta(days=800)


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ahead(number: int = 1, **changes) -> dict:
    return launch_2_3_0(number, **{"net": iso(AHEAD + timedelta(days=number))} | changes)


class Run:
    def __init__(self, *arguments: object) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code, self.error = 0, ""
        try:
            call_command("import_launches", *map(str, arguments), stdout=out, stderr=err)
        except CommandError as error:
            self.code, self.error = error.returncode, str(error)
        self.out, self.err = out.getvalue(), err.getvalue()
        self.summary = next((line for line in self.out.splitlines() if " launches: " in line), "")

    @property
    def counts(self) -> str:
        return self.summary.partition(" launches: ")[2]


def everything() -> list[list]:
    models = (Supplier, Rocket, Spaceport, Destination, Launch, LaunchSeat, LaunchHistory, OutboxEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]
