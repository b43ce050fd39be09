"""What the measurements need in the database; made with the models, outside what is measured."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts import tokens
from accounts.models import User
from launches.models import (
    CancellationPolicy,
    Destination,
    Launch,
    LaunchSeat,
    Rocket,
    Spaceport,
    Supplier,
)

DEPARTS_AFTER = timedelta(days=500)


def customers_make(count: int, prefix: str) -> list[User]:
    """Make customers with confirmed e-mails."""
    now = timezone.now()
    people = [
        User(
            email=f"{prefix}{number}@bench.example",
            full_name=f"Customer {number}",
            kind="customer",
            email_confirmed_at=now,
        )
        for number in range(count)
    ]
    return User.objects.bulk_create(people)


def token_of(user: User) -> str:
    """Return an access token, as signing in would give."""
    return tokens.make(user=user, purpose=tokens.ACCESS, now=timezone.now())


class Fleet:
    """A supplier with a rocket, whose launches are made as needed."""

    def __init__(self) -> None:
        self.supplier = Supplier.objects.create(
            slug="bench", trade_name="Bench", legal_name="Bench Inc.", tax_id="1", legal_address="1 Road",
            contact_email="desk@bench.example", status="approved",
        )  # fmt: skip
        self.rocket = Rocket.objects.create(supplier=self.supplier, name="Bench Rocket", range="suborbital")
        self.spaceport = Spaceport.objects.create(
            code="bench", name="Bench Port", country="USA", latitude=Decimal(31), longitude=Decimal(-104),
            time_zone="America/Chicago",
        )  # fmt: skip
        self.destination = Destination.objects.create(code="edge", name="Edge of space", required_range="suborbital")
        self.policy = CancellationPolicy.objects.create(
            code="bench", name="Bench", tiers=[{"months": 12, "percent": 90}, {"months": 3, "percent": 70}]
        )
        self.made = 0

    def launch(self, seats: int) -> Launch:
        """Make a launch on sale with so many free seats."""
        self.made += 1
        launch = Launch.objects.create(
            supplier=self.supplier, rocket=self.rocket, spaceport=self.spaceport, destination=self.destination,
            cancellation_policy=self.policy, mission_name=f"Bench {self.made}", slug=f"bench-{self.made}",
            departure_at=datetime.now(UTC) + DEPARTS_AFTER, departure_precision="minute",
            price_amount=Decimal(250000), price_currency="USD", seats_on_sale=seats, status="scheduled",
        )  # fmt: skip
        rows = [
            LaunchSeat(
                launch=launch,
                label=f"{'ABCDEF'[n % 6]}{n // 6 + 1}",
                row=n // 6 + 1,
                column=n % 6 + 1,
                is_window=n % 6 in (0, 5),
            )  # fmt: skip
            for n in range(seats)
        ]
        LaunchSeat.objects.bulk_create(rows)
        return launch


def checkout_body(launch_id: int, *, seat_ids: list[int] | None = None) -> bytes:
    """Return the body of a complete booking of one seat."""
    body: dict[str, Any] = {
        "launch_id": launch_id,
        "passengers": [
            {
                "full_name": "Ada Lovelace",
                "email": "ada@bench.example",
                "phone": "+1 415 555 0123",
                "birth_date": "1985-06-15",
            }
        ],
        "payment": {"number": "4242 4242 4242 4242", "expiry": "12/39", "code": "123"},
    }
    if seat_ids:
        body["seat_ids"] = seat_ids
    return json.dumps(body).encode()
