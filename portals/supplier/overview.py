"""Rows, sums and the to-do list of the overview and the list of launches."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.urls import reverse

from bookings import selectors as booking_selectors
from bookings.selectors import Takings
from common.money import format_money
from launches import selectors as launch_selectors
from launches.enums import ON_SALE, LaunchStatus
from launches.selectors import Desk

if TYPE_CHECKING:
    from launches.models import Launch

CONFIRM_WITHIN = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class LaunchRow:
    """A launch with its seats and money."""

    launch: "Launch"
    takings: Takings
    withdrawn: int = 0

    @property
    def seats_on_sale(self) -> int:
        """Seats that are not withdrawn, sold and held ones too."""
        return self.launch.seats_on_sale - self.withdrawn

    @property
    def seats_free(self) -> int:
        """Seats that can still be had."""
        return max(self.seats_on_sale - self.takings.seats_sold - self.takings.seats_held, 0)

    @property
    def seats_needed(self) -> int:
        """Sold seats that make it viable, as `launch_selectors.viability_of` has it."""
        return -(-max(self.seats_on_sale, 1) * self.launch.minimum_occupancy_percent // 100)

    @property
    def is_upcoming(self) -> bool:
        """Whether it sells seats by its status."""
        return self.launch.status in ON_SALE


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to do until an instant, and the page to do it on."""

    words: str
    why: str
    due_at: datetime | None
    due_text: str
    url: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Seats and money over launches; texts carry a currency each."""

    sold: int
    held: int
    on_sale: int
    collected: str
    refunded: str
    exposure: str

    @property
    def of_note(self) -> str:
        """What the sold seats are out of."""
        return f"of {self.on_sale} on sale" if self.on_sale else "nothing is on sale"


def launch_rows(*, launches: "list[Launch]", now: datetime) -> list[LaunchRow]:
    """Put seats and money beside launches. Three queries."""
    ids = [launch.pk for launch in launches]
    takings = booking_selectors.launch_takings(launch_ids=ids, now=now)
    withdrawn = launch_selectors.seats_withdrawn(launch_ids=ids)
    return [
        LaunchRow(launch=launch, takings=takings[launch.pk], withdrawn=withdrawn.get(launch.pk, 0))
        for launch in launches
    ]


def sums(rows: list[LaunchRow]) -> Sums:
    """Add up; the exposure is what would go back if every launch that is on sale were called off. One query."""
    upcoming = [row for row in rows if row.is_upcoming]
    refundable = booking_selectors.launches_refundable(launch_ids=[row.launch.pk for row in upcoming])
    return Sums(
        sold=sum(row.takings.seats_sold for row in upcoming),
        held=sum(row.takings.seats_held for row in upcoming),
        on_sale=sum(row.seats_on_sale for row in upcoming),
        collected=_amounts([(row.takings.collected, row.launch.price_currency) for row in upcoming]),
        refunded=_amounts([(row.takings.refunded, row.launch.price_currency) for row in upcoming]),
        exposure=_amounts([(refundable[row.launch.pk], row.launch.price_currency) for row in upcoming]),
    )


def _amounts(parts: list[tuple[Decimal, str]]) -> str:
    totals: dict[str, Decimal] = {}
    for amount, currency in parts:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return " + ".join(format_money(amount, currency) for currency, amount in sorted(totals.items())) or "–"


def tasks(*, rows: list[LaunchRow], desk: Desk, now: datetime) -> list[Task]:
    """List what a member who may change launches has to do, the most pressing first."""
    if not desk.may_change:
        return []
    found = [task for row in rows for task in _tasks_of(row, now)]
    return sorted(found, key=lambda task: (task.due_at is None, task.due_at or now))


def _tasks_of(row: LaunchRow, now: datetime) -> list[Task]:
    launch = row.launch
    name = launch.mission_name
    detail = reverse("supplier:launch-detail", args=[launch.pk])
    if launch.status == LaunchStatus.DRAFT:
        if launch.departure_at <= now:
            words, why = f"Give {name} a new date, or delete it", "Its departure has passed and it was never published."
            return [_task(words, why, launch.departure_at, launch.departure_text, detail, "warn")]
        return [_task(f"Publish {name}", "It is a draft: nobody sees it yet.", None, "", detail, "")]
    if not row.is_upcoming:
        return []
    if launch.departure_at <= now:
        why = "Its departure has passed. Say whether it flew, or delay it."
        return [
            _task(f"Record the outcome of {name}", why, launch.departure_at, launch.departure_text, detail, "danger")
        ]
    viability = launch_selectors.viability_of(launch=launch, now=now)
    if viability is not None and row.takings.seats_sold < row.seats_needed:
        day = viability.check_on - timedelta(days=1)
        due = viability.decide_until
        why = (
            f"{row.takings.seats_sold} of {row.seats_on_sale} seats sold, {row.seats_needed} make it viable. "
            "After that it is aborted automatically."
        )
        is_late = viability.today >= viability.warn_on
        return [
            _task(
                f"Decide on {name}: confirm or abort",
                why,
                due,
                f"{day:%-d %b %Y}",
                detail,
                "danger" if is_late else "warn",
            )
        ]
    if launch.status == LaunchStatus.SCHEDULED and launch.departure_at - now <= CONFIRM_WITHIN:
        why = "A launch is confirmed before it leaves."
        return [_task(f"Confirm {name}", why, launch.departure_at, launch.departure_text, detail, "warn")]
    return []


def _task(words: str, why: str, due_at: datetime | None, due_text: str, url: str, tone: str) -> Task:
    return Task(words=words, why=why, due_at=due_at, due_text=due_text, url=url, tone=tone)
