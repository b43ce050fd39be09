"""A supplier with a rocket, people who may and may not, and launches in every state."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from launches import selectors, services
from launches.models import Launch, Supplier
from tests.factories import EmployeeFactory, MemberFactory, UserFactory

NOW = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
DEPARTURE = datetime(2027, 3, 14, 15, 30, tzinfo=UTC)


@pytest.fixture
def places(db) -> None:
    services.reference_data_load()


@pytest.fixture
def supplier(places) -> Supplier:
    made = services.supplier_create(
        actor=None, trade_name="Blue Carriers", legal_name="Blue Inc.", tax_id="1", legal_address="1 Pad Road"
    )
    return services.supplier_approve(actor=None, supplier_id=made.pk)


@pytest.fixture
def rocket(supplier):
    return services.rocket_create(
        actor=None, supplier_id=supplier.pk, name="New Shepard", range="suborbital", seats=6, blocked_labels=["B3"]
    )


@pytest.fixture
def plan(supplier, rocket):
    """What a good draft says."""
    return {
        "actor": None,
        "supplier_id": supplier.pk,
        "rocket_id": rocket.pk,
        "spaceport_id": selectors.spaceport_get(code="corn-ranch").pk,
        "destination_id": selectors.destination_get(code="suborbital").pk,
        "mission_name": "First Light",
        "departure_at": DEPARTURE,
        "departure_precision": "day",
        "price_amount": Decimal(450000),
        "price_currency": "USD",
        "seats_on_sale": 4,
        "now": NOW,
    }


@pytest.fixture
def make_launch(plan):
    """Bring a launch into a state through the services; a flown one had its departure."""

    def make(status: str = "scheduled", **changes) -> Launch:
        launch = services.launch_draft(**plan | changes)
        common = {"actor": None, "launch_id": launch.pk, "now": NOW}
        after = {**common, "now": launch.departure_at + timedelta(hours=1)}
        if status == "draft":
            return launch
        launch = services.launch_schedule(**common)
        if status == "delayed":
            return services.launch_delay(
                **common,
                departure_at=launch.departure_at + timedelta(days=3),
                departure_precision="day",
                reason="Weather.",
            )
        if status == "aborted":
            return services.launch_abort(**common, reason="Engine.")
        if status in ("confirmed", "launched", "failed"):
            launch = services.launch_confirm(**common)
        if status == "launched":
            return services.launch_mark_launched(**after)
        if status == "failed":
            return services.launch_mark_failed(**after, reason="Engine.")
        return launch

    return make


@pytest.fixture
def people(supplier):
    """Every kind of person, by name."""
    made = {role: MemberFactory(supplier=supplier, role=role).user for role in ("owner", "operator", "finance", "gate")}
    made |= {f"employee {role}": EmployeeFactory(employee_role=role) for role in ("support", "finance", "it", "admin")}
    return made | {"rival owner": MemberFactory(role="owner").user, "customer": UserFactory()}
