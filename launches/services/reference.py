"""Shared places and rules that a fresh installation needs: spaceports, destinations, cancellation policies."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from launches.enums import SupplierStatus
from launches.models import CancellationPolicy, Destination, Rocket, Spaceport, Supplier
from launches.services import rockets, suppliers
from launches.services.feed_places import KnownPlace

REFERENCE_FILE = Path(__file__).resolve().parent.parent / "data" / "reference.json"


@cache
def _reference() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(REFERENCE_FILE.read_text(encoding="utf-8"))
    return data


def known_places() -> tuple[KnownPlace, ...]:
    """Return the spaceports of the reference file."""
    return tuple(
        KnownPlace(
            code=row["code"],
            name=row["name"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            time_zone=row["time_zone"],
            feed_id=row.get("feed_id"),
            words=tuple(row.get("words", ())),
        )
        for row in _reference()["spaceports"]
    )


def reference_data_load() -> int:
    """
    Enter spaceports, destinations and cancellation policies that are missing; what is there stays as employees left it.

    Returns: how many rows were entered.
    """
    data = _reference()
    entered = 0
    with transaction.atomic():
        for row in data["spaceports"]:
            values = {name: value for name, value in row.items() if name not in ("code", "words")}
            values |= {"latitude": Decimal(row["latitude"]), "longitude": Decimal(row["longitude"])}
            entered += Spaceport.objects.get_or_create(code=row["code"], defaults=values)[1]
        for row in data["destinations"]:
            values = {name: value for name, value in row.items() if name != "code"}
            entered += Destination.objects.get_or_create(code=row["code"], defaults=values)[1]
        for row in data["cancellation_policies"]:
            values = {"name": row["name"], "tiers": row["tiers"]}
            entered += CancellationPolicy.objects.get_or_create(code=row["code"], defaults=values)[1]
    return entered


def reference_suppliers_load() -> int:
    """
    Enter the real launch companies of the reference file, approved, with their vehicles; for the demo data.

    Legal data are demo values and say so. Vehicles that do not fly passengers now are entered as inactive.

    Returns: how many suppliers and rockets were entered.
    """
    entered = 0
    with transaction.atomic():
        for number, row in enumerate(_reference()["suppliers"], start=1):
            supplier = Supplier.objects.filter(trade_name=row["trade_name"]).first()
            if supplier is None:
                supplier = suppliers.supplier_create(
                    actor=None,
                    trade_name=row["trade_name"],
                    description=row["description"],
                    contact_email=row["contact_email"],
                    legal_name=f"{row['trade_name']} (demo data)",
                    tax_id=f"DEMO-{number:04d}",
                    legal_address=f"{number} Demo Street, Example City",
                    feed_id=row.get("feed_id"),
                )
                entered += 1
                if row["active"]:
                    supplier = suppliers.supplier_approve(actor=None, supplier_id=supplier.pk)
            for vehicle in row["rockets"]:
                entered += _rocket_load(supplier, vehicle)
    return entered


def _rocket_load(supplier: Supplier, vehicle: dict[str, Any]) -> int:
    if Rocket.objects.filter(supplier=supplier, name=vehicle["name"]).exists():
        return 0
    rockets.rocket_create(
        actor=None,
        supplier_id=supplier.pk,
        name=vehicle["name"],
        range=vehicle["range"],
        seats=vehicle["seats"],
        blocked_labels=vehicle.get("blocked", ()),
        description=vehicle["description"],
        is_active=vehicle["active"] and supplier.status == SupplierStatus.APPROVED,
    )
    return 1
