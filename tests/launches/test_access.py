"""Who may do what: a table of action x person, and what each refusal is."""

import pytest

from common.errors import Forbidden, NotFound
from launches import errors, selectors, services
from launches.models import Launch, Supplier, SupplierMember
from tests.factories import UserFactory
from tests.launches.conftest import NOW

pytestmark = pytest.mark.django_db

YES = None
CHANGES = {
    "owner": YES,
    "operator": YES,
    "finance": errors.RoleForbids,
    "gate": errors.RoleForbids,
    "rival owner": NotFound,
    "customer": errors.NotASupplierMember,
    "employee support": YES,
    "employee admin": YES,
    "employee finance": errors.RoleForbids,
    "employee it": errors.RoleForbids,
}
READS = CHANGES | {
    "finance": YES,
    "gate": YES,
    "employee support": errors.NotASupplierMember,
    "employee admin": errors.NotASupplierMember,
    "employee finance": errors.NotASupplierMember,
    "employee it": errors.NotASupplierMember,
}
EMPLOYEE_READS = {name: YES if name.startswith("employee") else Forbidden for name in CHANGES}
APPROVES = {name: YES if name in ("employee support", "employee admin") else Forbidden for name in CHANGES}
ACTIONS = {
    "confirm": (CHANGES, lambda actor, launch: services.launch_confirm(actor=actor, launch_id=launch.pk, now=NOW)),
    "abort": (
        CHANGES,
        lambda actor, launch: services.launch_abort(actor=actor, launch_id=launch.pk, reason="Engine.", now=NOW),
    ),
    "change": (
        CHANGES,
        lambda actor, launch: services.launch_change(actor=actor, launch_id=launch.pk, description="New.", now=NOW),
    ),
    "read own": (READS, lambda actor, launch: selectors.launch_get_for_supplier(actor=actor, launch_id=launch.pk)),
    "read any": (
        EMPLOYEE_READS,
        lambda actor, launch: selectors.launch_get_for_employee(actor=actor, launch_id=launch.pk),
    ),
    "approve": (
        APPROVES,
        lambda actor, launch: services.supplier_approve(actor=actor, supplier_id=launch.supplier_id),
    ),
}
CELLS = [(action, person) for action, (table, _) in ACTIONS.items() for person in table]


@pytest.mark.parametrize(("action", "person"), CELLS, ids=[f"{a}-{p}" for a, p in CELLS])
def test_table_of_actions_and_people(make_launch, people, action, person):
    launch = make_launch()
    table, call = ACTIONS[action]
    before = Launch.objects.values().get()

    if table[person] is YES:
        call(people[person], launch)
    else:
        with pytest.raises(table[person]):
            call(people[person], launch)

        assert Launch.objects.values().get() == before


def test_drafting_for_another_supplier_is_not_found(plan, people):
    with pytest.raises(NotFound):
        services.launch_draft(**plan | {"actor": people["rival owner"]})

    assert not Launch.objects.exists()


def test_lists_hold_only_what_is_ones_own(make_launch, people):
    launch = make_launch("draft")

    assert list(selectors.launch_list_for_supplier(actor=people["gate"])) == [launch]
    assert list(selectors.launch_list_for_supplier(actor=people["rival owner"])) == []
    assert list(selectors.launch_list_all(actor=people["employee it"])) == [launch]
    with pytest.raises(NotFound):
        selectors.launch_history(actor=people["rival owner"], launch_id=launch.pk)


def test_approval_needs_legal_data(places):
    made = services.supplier_create(actor=None, trade_name="Paperless")

    with pytest.raises(errors.LegalDataMissing, match="Paperless"):
        services.supplier_approve(actor=None, supplier_id=made.pk)

    assert Supplier.objects.get().status == "applied"


def test_a_name_is_taken_once(supplier):
    with pytest.raises(errors.NameTaken, match="Blue Carriers"):
        services.supplier_create(actor=None, trade_name=" Blue  Carriers ")

    assert Supplier.objects.count() == 1


def test_only_owners_change_the_team_and_each_works_for_one(supplier, people):
    newcomer = UserFactory(kind="supplier")
    with pytest.raises(errors.RoleForbids):
        services.supplier_member_add(
            actor=people["operator"], supplier_id=supplier.pk, user_id=newcomer.pk, role="gate"
        )
    services.supplier_member_add(actor=people["owner"], supplier_id=supplier.pk, user_id=newcomer.pk, role="gate")

    with pytest.raises(errors.InvalidInput):
        services.supplier_member_add(actor=None, supplier_id=supplier.pk, user_id=newcomer.pk, role="owner")

    assert SupplierMember.objects.get(user=newcomer).role == "gate"
