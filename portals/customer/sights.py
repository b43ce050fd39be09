"""What selectors return, as templates ask for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from bookings import selectors as booking_selectors
from common.dates import Precision, departure_text
from common.money import format_money
from launches import selectors as launch_selectors
from launches.enums import LaunchStatus
from launches.errors import LaunchNotFound
from portals.customer.forms.seats import Seats
from portals.customer.holds import Unfinished
from portals.shared import cabin

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.selectors import OfferEntry
    from documents.records import OfferRecord
    from launches.selectors import LaunchGround

# States of one's own seats that cannot be chosen again; with these notes a seat reads "booked, by you".
_NOTES = {"booked": "by you", "waiting": "for your payment"}


@dataclass(frozen=True)
class LaunchCard:
    """A launch in a list, for a party of so many (0: not said)."""

    entry: "OfferEntry"
    travellers: int = 0

    @property
    def launch(self) -> "OfferRecord":
        """What the launch's offer says."""
        return self.entry.launch

    @property
    def url(self) -> str:
        """The launch's page, which goes on with the party's size."""
        query = f"?travellers={self.travellers}" if self.travellers > 1 else ""
        return reverse("customer:launch-detail", args=[self.launch.slug]) + query

    @property
    def is_sold_out(self) -> bool:
        """Whether nobody can get a seat now."""
        return self.entry.seats_left == 0

    @property
    def is_last_seat(self) -> bool:
        """Whether one seat is left."""
        return self.entry.seats_left == 1

    @property
    def is_delayed(self) -> bool:
        """Whether its date was moved back."""
        return self.launch.status == LaunchStatus.DELAYED

    @property
    def party_price(self) -> Decimal | None:
        """What the whole party pays; None for one traveller."""
        return self.launch.price_amount * self.travellers if self.travellers > 1 else None


def cards(entries: Collection["OfferEntry"], *, travellers: int = 0) -> list[LaunchCard]:
    """Make cards of catalogue entries."""
    return [LaunchCard(entry, travellers) for entry in entries]


@dataclass(frozen=True, kw_only=True)
class LaunchSight:
    """Everything a launch's page shows."""

    launch: "OfferRecord"
    seats: list[cabin.SeatView]
    seats_total: int
    seats_left: int
    seats_promised: int
    limit: int
    room: int
    room_to_wait: int
    waiting: Any
    is_open: bool
    may_choose: bool
    party: int
    policy: list[Any]
    unfinished: Unfinished | None
    departure_before: str
    reader_time: datetime | None

    @property
    def seats_taken(self) -> int:
        """Seats somebody has."""
        return self.seats_total - self.seats_left

    @property
    def is_sold_out(self) -> bool:
        """Whether seats are sold, but none is left that this reader could have."""
        return self.is_open and self.seats_open == 0

    @property
    def seats_open(self) -> int:
        """Seats this reader can have: neither taken nor promised to those who wait."""
        return self.seats_left - self.seats_promised

    @property
    def waiting_sizes(self) -> range:
        """Sizes of a party that more seats than are open would have to come free for."""
        return range(self.seats_open + 1, min(self.room_to_wait, self.seats_total) + 1)

    @property
    def may_wait(self) -> bool:
        """Whether the reader waits, or could: it is on sale, and not every party fits."""
        return self.is_open and (self.waiting is not None or len(self.waiting_sizes) > 0)

    @property
    def offer_hours(self) -> int:
        """How long an offer of the waiting list stands."""
        return int(settings.WAITING_OFFER_HOURS)

    @property
    def most(self) -> int:
        """How many seats can be chosen now."""
        return min(self.room, self.seats_open)

    @property
    def own_seats(self) -> list[str]:
        """Labels of the reader's seats that are booked or being paid."""
        return [seat.label for seat in self.seats if seat.state in _NOTES]

    @property
    def party_sizes(self) -> range:
        """Sizes of a party that best seats can be asked for."""
        return range(1, self.most + 1)

    @property
    def has_left(self) -> bool:
        """Whether it flew, well or not."""
        return self.launch.status in (LaunchStatus.LAUNCHED, LaunchStatus.FAILED)

    @property
    def is_aborted(self) -> bool:
        """Whether it was called off."""
        return self.launch.status == LaunchStatus.ABORTED

    @property
    def is_delayed(self) -> bool:
        """Whether its date was moved back."""
        return self.launch.status == LaunchStatus.DELAYED

    @property
    def has_failed(self) -> bool:
        """Whether it left and failed."""
        return self.launch.status == LaunchStatus.FAILED


def launch_sight(*, ground: "LaunchGround", viewer: Any, chosen: Seats, now: datetime) -> LaunchSight:
    """
    Collect a launch's page for a viewer; eleven queries at most, however many seats. Raises: LaunchNotFound.

    What the flight is comes from its offer; what is sold this very moment, from PostgreSQL.
    """
    launch = booking_selectors.offer_shown(ground=ground)
    if launch is None:
        raise LaunchNotFound
    customer: User | None = viewer if viewer.is_authenticated and viewer.kind == "customer" else None
    choice = booking_selectors.seat_choice(
        launch_id=launch.pk, now=now, customer=customer, limit_default=settings.SEAT_LIMIT
    )
    held = sum(seat.state == "mine" for seat in choice.seats)
    may_buy = customer is not None or viewer.is_anonymous
    chance = booking_selectors.waiting_chance(launch_id=launch.pk, customer=customer, free=choice.left - held, now=now)
    is_open = ground.sells_at(now)
    unfinished = booking_selectors.unfinished_list(customer=customer, now=now, launch_id=launch.pk) if customer else []
    has_clock = Precision(launch.departure_precision).has_clock_time
    before = _departure_before(launch)
    price = format_money(launch.price_amount, launch.price_currency)
    return LaunchSight(
        launch=launch,
        seats=[_seat(seat, chosen.ids, price) for seat in choice.seats],
        seats_total=choice.total,
        seats_left=choice.left,
        seats_promised=choice.left - held - chance.seats_open,
        limit=choice.limit,
        room=choice.room,
        room_to_wait=max(choice.room - held, 0) if may_buy else 0,
        waiting=chance.entry,
        is_open=is_open,
        may_choose=is_open and held + chance.seats_open > 0 and choice.room > 0 and may_buy,
        party=chosen.party,
        policy=booking_selectors.policy_lines_for(
            tiers=[{"months": tier.months_before, "percent": tier.refund_percent} for tier in launch.policy],
            departure_at=launch.departure_at,
            zone=launch.spaceport.time_zone,
            price=launch.price_amount,
            currency=launch.price_currency,
            now=now,
        ),
        unfinished=Unfinished(unfinished[0]) if unfinished else None,
        departure_before=before,
        reader_time=launch.departure_at if has_clock else None,
    )


def _seat(seat: Any, chosen: Collection[int], price: str) -> cabin.SeatView:
    # What came back from signing in, or after a refused choice, is ticked again if it is still free: that and no more,
    # so that a choice of two does not become four with the seats of an earlier hold.
    state = seat.state
    if chosen and state in (cabin.FREE, cabin.MINE):
        state = cabin.MINE if seat.id in chosen else cabin.FREE
    return cabin.SeatView(
        id=seat.id,
        label=seat.label,
        row=seat.row,
        column=seat.column,
        state=state,
        is_window=seat.is_window,
        is_exit=seat.is_exit,
        price_text=price,
        note=_NOTES.get(seat.state, ""),
    )


def _departure_before(launch: "OfferRecord") -> str:
    """Say when a delayed launch was to leave; '' when nobody could tell the difference ("no earlier than 2028")."""
    before = launch_selectors.departure_before(launch_id=launch.pk) if launch.status == LaunchStatus.DELAYED else None
    said = departure_text(*before, launch.spaceport.time_zone) if before else ""
    return said if said != launch.departure_text else ""
