"""Rows for the tests of messages: one supplier with a launch, customers with bookings on it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from bookings.models import Booking, Hold, Passenger, SeatClaim
from common.outbox_consumers import Delivered
from launches.models import (
    CancellationPolicy,
    Destination,
    Launch,
    LaunchSeat,
    Rocket,
    Spaceport,
    Supplier,
    SupplierMember,
)
from notifications.models import Notification

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEPARTURE = datetime(2028, 3, 14, 14, 30, tzinfo=UTC)
HOSTILE = 'Eve <script>alert(1)</script> & "co"\r\nBcc: thief@example.org'


def make_user(email: str, *, kind: str = "customer", **fields: Any) -> Any:
    """Make a user who cannot sign in, without touching the credential store."""
    values = {"full_name": "Ada Example", "email_confirmed_at": NOW} | fields
    user = get_user_model()(email=email, kind=kind, **values)
    user.save()
    return user


def make_it(email: str = "it@example.org") -> Any:
    return make_user(email, kind="employee", employee_role="it")


@dataclass
class World:
    """A supplier with an owner, and a launch of six seats."""

    supplier: Supplier
    owner: Any
    launch: Launch


def make_world(**launch_fields: Any) -> World:
    supplier = Supplier.objects.create(
        slug="red-rock",
        trade_name="Red Rock Rockets",
        contact_email="desk@red-rock.example",
        legal_name="Red Rock Rockets Inc.",
        tax_id="99-0000000",
        legal_address="1 Launch Road, Van Horn",
        status="approved",
    )
    owner = make_user("owner@red-rock.example", kind="supplier")
    SupplierMember.objects.create(supplier=supplier, user=owner, role="owner")
    rocket = Rocket.objects.create(supplier=supplier, name="New Shepard", range="suborbital")
    spaceport = Spaceport.objects.create(
        code="corn-ranch",
        name="Corn Ranch",
        country="USA",
        latitude=Decimal("31.42300"),
        longitude=Decimal("-104.75700"),
        time_zone="America/Chicago",
    )
    destination = Destination.objects.create(
        code="edge-of-space", name="the edge of space", required_range="suborbital"
    )
    policy = CancellationPolicy.objects.create(
        code="standard",
        name="Standard",
        tiers=[{"months": 12, "percent": 90}, {"months": 3, "percent": 70}],
    )
    values = {
        "mission_name": "NS-99",
        "slug": "new-shepard-corn-ranch",
        "departure_at": DEPARTURE,
        "departure_precision": "minute",
        "price_amount": Decimal(250_000),
        "seats_on_sale": 6,
        "status": "scheduled",
    } | launch_fields
    launch = Launch.objects.create(
        supplier=supplier,
        rocket=rocket,
        spaceport=spaceport,
        destination=destination,
        cancellation_policy=policy,
        **values,
    )
    return World(supplier=supplier, owner=owner, launch=launch)


def make_booking(world: World, customer: Any, *, names: tuple[str, ...] = ("Ada Example",), **fields: Any) -> Booking:
    """Book a seat for each name, confirmed unless the fields say otherwise."""
    reference = fields.pop("reference", None) or "QK" + uuid.uuid4().hex[:4].upper()
    hold = Hold.objects.create(
        customer=customer,
        launch=world.launch,
        status="used",
        price_amount=world.launch.price_amount,
        price_currency="USD",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
    values = {
        "status": "confirmed",
        "price_amount": world.launch.price_amount * len(names),
        "price_currency": "USD",
        "policy_tiers": world.launch.cancellation_policy.tiers,
        "created_at": NOW,
        "confirmed_at": NOW,
        "cancelled_at": NOW if fields.get("status") == "cancelled" else None,
    } | fields
    booking = Booking.objects.create(reference=reference, customer=customer, launch=world.launch, hold=hold, **values)
    taken = LaunchSeat.objects.filter(launch=world.launch).count()
    for number, name in enumerate(names, start=taken + 1):
        seat = LaunchSeat.objects.create(launch=world.launch, label=f"{number}A", row=number, column=1)
        claim = SeatClaim.objects.create(
            launch=world.launch,
            launch_seat=seat,
            customer=customer,
            hold=hold,
            status="sold",
            held_until=NOW,
            created_at=NOW,
        )
        Passenger.objects.create(
            booking=booking,
            claim=claim,
            seat_label=seat.label,
            full_name=name,
            email="passenger@example.org",
            phone="+15550100",
            birth_date=date(1990, 1, 1),
            price_amount=world.launch.price_amount,
        )
    return booking


def event(name: str, *, id: int = 1, at: datetime = NOW, **payload: Any) -> Delivered:  # noqa: A002 - the field's name
    """Make an event as a handler gets it."""
    return Delivered(
        id=id,
        xid=1,
        name=name,
        payload=payload,
        actor_id=None,
        actor_email="",
        origin="portal",
        request_id="req-1",
        address="",
        occurred_at=at,
    )


def booking_payload(booking: Booking) -> dict[str, Any]:
    return {
        "booking_id": booking.pk,
        "reference": booking.reference,
        "launch_id": booking.launch_id,
        "supplier_id": booking.launch.supplier_id,
        "customer_id": booking.customer_id,
    }


def confirmed(booking: Booking, **more: Any) -> Delivered:
    amount = {"price_amount": str(booking.price_amount), "price_currency": "USD"}
    return event("bookings.booking.confirmed", **booking_payload(booking), **amount, **more)


def cancelled(booking: Booking, **changes: Any) -> Delivered:
    values = {
        "is_whole": True,
        "passenger_ids": list(booking.passengers.values_list("pk", flat=True)),
        "refund_amount": "225000",
        "refund_currency": "USD",
        "cause": "customer",
        "reason": "",
    } | changes
    # As the services say it, unless the test is about who leaves after a slip.
    values.setdefault("frees_seats", values["cause"] != "supplier" and values["refund_amount"] != "0")
    return event("bookings.booking.cancelled", id=2, **booking_payload(booking), **values)


def make_row(number: int = 1, **fields: Any) -> Notification:
    """Make a due message that needs nothing but its receiver."""
    values = {
        "template": "password_changed",
        "dedupe_key": f"{number}:password_changed:test",
        "address": f"reader{number}@example.org",
        "facts": {"occurred_at": NOW.isoformat()},
        "due_at": NOW,
        "give_up_at": NOW + timedelta(hours=72),
        "message_id": f"<{number:040d}@astrobookings.example>",
        "request_id": "req-1",
        "created_at": NOW,
    } | fields
    if "receiver" not in values and "receiver_id" not in values:
        values["receiver"] = make_user(values["address"])
    if values.get("receiver"):
        values["facts"] = {"user_id": values["receiver"].pk, **values["facts"]}
    return Notification.objects.create(**values)


def rows() -> QuerySet[Notification]:
    return Notification.objects.order_by("pk")
