"""Shared places and rules that a fresh installation needs: spaceports, destinations, cancellation policies."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

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
    with transaction.atomic():
        return (
            _missing_enter(Spaceport, [_spaceport_values(row) for row in data["spaceports"]])
            + _missing_enter(Destination, data["destinations"])
            + _missing_enter(CancellationPolicy, data["cancellation_policies"])
        )


def _spaceport_values(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "words"}
    return values | {"latitude": Decimal(row["latitude"]), "longitude": Decimal(row["longitude"])}


def _missing_enter(model: type[Model], rows: list[dict[str, Any]]) -> int:
    """Enter the rows whose code nobody has; should another process enter them meanwhile, its rows stay."""
    manager = model._default_manager
    known = set(manager.values_list("code", flat=True))
    missing = [model(**row) for row in rows if row["code"] not in known]
    manager.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


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
