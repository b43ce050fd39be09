"""
Fill an empty installation with a demo that makes every screen interesting.

Everything goes through the services, with instants of the past handed in, so the demo obeys every rule of the domain.
The same day gives the same demo: the only random choices come from a fixed seed.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import selectors as account_selectors
from accounts import services as account_services
from accounts.demo import PASSWORD, PEOPLE
from accounts.enums import UserKind
from bookings import services as booking_services
from bookings.services import PassengerInput
from common import outbox, outbox_delivery
from finance import services as finance_services
from launches import selectors as launch_selectors
from launches import services as launch_services
from launches.enums import MemberRole

if TYPE_CHECKING:
    from accounts.models import User
    from bookings.models import Booking
    from launches.models import Launch

TRAVELLERS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda")
SUPPLIER_OF_THE_DEMO = "Blue Origin"
Say = Callable[[str], None]


def demo_seed(*, now: datetime, say: Say) -> int:
    """
    Enter the demo's people, suppliers, launches and bookings; return how many launches there are.

    Must run on an installation without launches. Delivers all events at the end, so documents and invoices are there.
    """
    rows = json.loads((Path(__file__).parent / "launches.json").read_text())["launches"]
    chance = random.Random(20270314)  # noqa: S311 - a demo shall be the same every time
    with outbox.deferred():
        # All or nothing: a demo that broke off half-way would look like data of somebody's own.
        with transaction.atomic():
            say("People")
            people = _people(now)
            say("Suppliers, rockets, spaceports, destinations")
            launch_services.reference_data_load()
            launch_services.reference_suppliers_load()
            _supplier_desk(people["supplier"])
            for number, row in enumerate(rows, start=1):
                say(f"Launch {number} of {len(rows)}: {row['mission']}")
                _launch(row, people, chance, now)
        say("Documents, invoices, messages")
        while outbox_delivery.deliver_all():
            pass
    return len(rows)


def _people(now: datetime) -> dict[str, "User"]:
    found: dict[str, User] = {}
    for person in PEOPLE:
        name = person.email.split("@")[0]
        values: dict[str, Any] = {
            "email": person.email,
            "full_name": person.full_name,
            "password": PASSWORD,
            "now": now,
        }
        if person.kind == UserKind.CUSTOMER:
            found[name] = account_services.customer_create(**values)
        elif person.kind == UserKind.SUPPLIER:
            found[name] = account_services.supplier_user_create(**values)
        else:
            found[name] = account_services.employee_create(actor=None, role=person.role, **values)
    for name in TRAVELLERS:
        found[name] = account_services.customer_create(
            email=f"traveller-{name}@astrobookings.example",
            full_name=f"Traveller {name.capitalize()}",
            password=None,
            now=now,
        )
    return found


def _supplier_desk(member: "User") -> None:
    supplier = launch_selectors.supplier_find(trade_name=SUPPLIER_OF_THE_DEMO)
    if supplier is None:
        raise LookupError(f"The reference data lack {SUPPLIER_OF_THE_DEMO}.")
    launch_services.supplier_member_add(actor=None, supplier_id=supplier.pk, user_id=member.pk, role=MemberRole.OWNER)


def _launch(row: dict[str, Any], people: dict[str, "User"], chance: random.Random, now: datetime) -> None:
    planned_at = now - timedelta(days=row["planned"] or 5)
    launch = _draft(row, planned_at, now)
    if row["planned"] is None:
        return
    launch_services.launch_schedule(actor=None, launch_id=launch.pk, now=planned_at)
    booked = {}
    for name, party, days_ago in row["booked"]:
        booked[name] = _booking(people[name], launch, party, now - timedelta(days=days_ago), chance)
    if name := row.get("cancelled"):
        _cancellation(people[name], booked[name], now - timedelta(days=3))
    for move in row["moves"]:
        _move(launch, move, row, now)


def _draft(row: dict[str, Any], planned_at: datetime, now: datetime) -> "Launch":
    supplier = launch_selectors.supplier_find(trade_name=row["supplier"])
    if supplier is None:
        raise LookupError(f"The reference data lack {row['supplier']}.")
    rocket = launch_selectors.rocket_find(supplier_id=supplier.pk, name=row["rocket"])
    if rocket is None:
        raise LookupError(f"The reference data lack {row['rocket']}.")
    spaceport = launch_selectors.spaceport_get(code=row["spaceport"])
    return launch_services.launch_draft(
        actor=None,
        supplier_id=supplier.pk,
        rocket_id=rocket.pk,
        spaceport_id=spaceport.pk,
        destination_id=launch_selectors.destination_get(code=row["destination"]).pk,
        mission_name=row["mission"],
        departure_at=_departure(now, row["days"], row["hour"], row["minute"], spaceport.time_zone),
        departure_precision=row["precision"],
        price_amount=Decimal(row["price"]),
        price_currency="USD",
        seats_on_sale=row["seats"],
        now=planned_at,
    )


def _departure(now: datetime, days: int, hour: int, minute: int, zone: str) -> datetime:
    day = (now + timedelta(days=days)).date()
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def _booking(customer: "User", launch: "Launch", party: int, at: datetime, chance: random.Random) -> "Booking":
    hold = booking_services.seats_hold(customer=customer, launch_id=launch.pk, party=party, now=at)
    companions = [customer.full_name, *(f"{customer.full_name} {word}" for word in ("Second", "Third", "Fourth"))]
    booking = booking_services.booking_create(
        customer=customer,
        hold_id=hold.pk,
        passengers=[
            PassengerInput(
                full_name=companions[number],
                email=customer.email,
                phone=f"+1 415 555 01{chance.randrange(100):02d}",
                birth_date=date(chance.randrange(1965, 2000), chance.randrange(1, 13), chance.randrange(1, 29)),
            )
            for number in range(party)
        ],
        now=at + timedelta(minutes=4),
        draw=chance.choice,
    )
    card = finance_services.Card(number="4242 4242 4242 4242", expiry="12/39", code="123")
    finance_services.booking_pay(
        customer=customer, reference=booking.reference, card=card, now=at + timedelta(minutes=6)
    )
    return booking


def _cancellation(customer: "User", booking: "Booking", at: datetime) -> None:
    quote = booking_services.cancellation_quote(customer=customer, reference=booking.reference, now=at)
    booking_services.booking_cancel(customer=customer, reference=booking.reference, quote_id=quote.pk, now=at)


def _move(launch: "Launch", move: Any, row: dict[str, Any], now: datetime) -> None:
    if move == "confirm":
        at = now - timedelta(days=35)
        launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=at)
    elif move == "launch":
        at = launch.departure_at + timedelta(minutes=20)
        launch_services.launch_mark_launched(actor=None, launch_id=launch.pk, now=at)
    elif move[0] == "delay":
        launch_services.launch_delay(
            actor=None,
            launch_id=launch.pk,
            departure_at=launch.departure_at + timedelta(days=move[1] - row["days"]),
            departure_precision=row["precision"],
            reason=move[2],
            now=now - timedelta(days=2),
        )
    else:
        launch_services.launch_abort(actor=None, launch_id=launch.pk, reason=move[1], now=now - timedelta(days=6))


def has_demo() -> bool:
    """Tell whether the demo's people are there already."""
    return bool(account_selectors.demo_signins())
