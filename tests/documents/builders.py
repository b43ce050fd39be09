"""Records with every field filled, to change where a test cares."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from documents import records

# Far ahead: the store removes log lines and tokens whose time is over.
NOW = datetime(2099, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)


def make_profile(**changes: Any) -> records.ProfileRecord:
    passenger = records.SavedPassenger(
        full_name="Passenger Two", email="two@example.com", phone="+34600000002", birth_date=date(1990, 2, 3)
    )
    facts: dict[str, Any] = {
        "customer_id": 7,
        "full_name": "Passenger One",
        "phone": "+34600000001",
        "birth_date": date(1980, 1, 31),
        "locale": "es",
        "saved_passengers": (passenger,),
        "updated_at": NOW,
    }
    return records.ProfileRecord(**{**facts, **changes})


def make_offer(**changes: Any) -> records.OfferRecord:
    facts: dict[str, Any] = {
        "launch_id": 3,
        "version": 11,
        "slug": "new-shepard-corn-ranch-suborbital-2027-03-14",
        "title": "New Shepard | First hop",
        "supplier": records.OfferSupplier(slug="blue-origin", trade_name="Blue Origin"),
        "rocket": records.OfferRocket(name="New Shepard", range="suborbital"),
        "destination": records.OfferDestination(code="suborbital", name="Edge of space", required_range="suborbital"),
        "spaceport": records.OfferSpaceport(code="corn-ranch", name="Launch Site One", time_zone="America/Chicago"),
        "departure_at": NOW + timedelta(days=111),
        "departure_precision": "day",
        "price_amount": Decimal("250000.00"),
        "price_currency": "USD",
        "seats_total": 6,
        "seats_left": 2,
        "status": "scheduled",
        "updated_at": NOW,
    }
    return records.OfferRecord(**{**facts, **changes})


def make_trip(booking_id: int = 41, version: int = 5, **changes: Any) -> records.TripRecord:
    passenger = records.TripPassenger(
        full_name="Zoë Ærøskøbing 宇航员", email="z@example.com", phone="+4512345678", birth_date=date(1956, 12, 31)
    )
    facts: dict[str, Any] = {
        "booking_id": booking_id,
        "customer_id": 7,
        "version": version,
        "reference": f"R{booking_id:05d}",
        "status": "confirmed",
        "launch_id": 3,
        "launch_slug": "new-shepard-corn-ranch-suborbital-2027-03-14",
        "launch_title": "New Shepard | First hop",
        "launch_status": "scheduled",
        "supplier_name": "Blue Origin",
        "rocket_name": "New Shepard",
        "rocket_range": "suborbital",
        "destination_name": "Edge of space",
        "spaceport_name": "Launch Site One",
        "spaceport_time_zone": "America/Chicago",
        "departure_at": NOW + timedelta(days=111),
        "departure_precision": "quarter",
        "currency": "USD",
        "total_amount": Decimal("500000.10"),
        "paid_amount": Decimal("500000.10"),
        "refunded_amount": Decimal("0"),
        "is_cancellable": True,
        "created_at": NOW,
        "confirmed_at": NOW + timedelta(minutes=2),
        "seats": (
            records.TripSeat(label="A1", price_amount=Decimal("250000.05"), status="booked", passenger=passenger),
            records.TripSeat(label="A2", price_amount=Decimal("250000.05"), status="booked"),
        ),
        "payments": (
            records.TripPayment(kind="charge", amount=Decimal("500000.10"), status="succeeded", at=NOW, reference="p1"),
        ),
        "policy": (
            records.PolicyTier(months_before=12, refund_percent=90),
            records.PolicyTier(months_before=3, refund_percent=70),
        ),
    }
    return records.TripRecord(**{**facts, **changes})


def make_log(second: int = 0, **changes: Any) -> records.SystemLogRecord:
    at = NOW + timedelta(seconds=second)
    facts: dict[str, Any] = {
        "key": f"{at:%Y%m%d%H%M%S%f}-host-1-{second:06d}",
        "at": at,
        "level": "INFO",
        "logger": "bookings",
        "message": "A seat was held",
        "request_id": "r1",
        "origin": "portal",
        "actor_id": 7,
        "actor_email": "one@example.com",
        "host": "host",
        "process_id": 1,
        "exception": "",
        "extra": {"launch.id": 3, "$odd": [1, None]},
    }
    return records.SystemLogRecord(**{**facts, **changes})


def make_audit(event_id: int = 1, **changes: Any) -> records.AuditRecord:
    facts: dict[str, Any] = {
        "event_id": event_id,
        "name": "bookings.booking.confirmed",
        "occurred_at": NOW + timedelta(seconds=event_id),
        "actor_id": 7,
        "actor_email": "one@example.com",
        "origin": "api",
        "request_id": "r1",
        "subject_kind": "booking",
        "subject_id": "41",
        "payload": {"booking_id": 41, "amount": "500000.10", "deep": {"a.b": [2**70, "ü"]}},
    }
    return records.AuditRecord(**{**facts, **changes})


def make_token(key: str = "t1", **changes: Any) -> records.RefreshTokenRecord:
    facts: dict[str, Any] = {
        "token_hash": key,
        "family": "f1",
        "user_id": 7,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=14),
    }
    return records.RefreshTokenRecord(**{**facts, **changes})
