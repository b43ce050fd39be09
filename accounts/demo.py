"""The people of the demo data, and the password they share. They exist only where `seed_demo` made them."""

from dataclasses import dataclass

from accounts.enums import EmployeeRole, UserKind

PASSWORD = "demo-orbit-2027"  # noqa: S105 - printed by `make run` and shown on the demo's sign-in page


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Somebody to sign in as; `home` is the path to start from."""

    label: str
    email: str
    kind: UserKind
    home: str
    role: str = ""
    full_name: str


PEOPLE = (
    DemoPerson(
        label="Customer",
        email="customer@astrobookings.example",
        kind=UserKind.CUSTOMER,
        home="customer:home",
        full_name="Demo Customer",
    ),
    DemoPerson(
        label="VIP customer",
        email="vip@astrobookings.example",
        kind=UserKind.CUSTOMER,
        home="customer:home",
        full_name="Demo Frequent Flyer",
    ),
    DemoPerson(
        label="Supplier",
        email="supplier@astrobookings.example",
        kind=UserKind.SUPPLIER,
        home="supplier:home",
        full_name="Demo Launch Desk",
    ),
    DemoPerson(
        label="Employee, admin",
        email="admin@astrobookings.example",
        kind=UserKind.EMPLOYEE,
        home="admin:index",
        role=EmployeeRole.ADMIN,
        full_name="Demo Admin",
    ),
    DemoPerson(
        label="Employee, support",
        email="support@astrobookings.example",
        kind=UserKind.EMPLOYEE,
        home="employee:home",
        role=EmployeeRole.SUPPORT,
        full_name="Demo Support",
    ),
    DemoPerson(
        label="Employee, finance",
        email="finance@astrobookings.example",
        kind=UserKind.EMPLOYEE,
        home="employee:home",
        role=EmployeeRole.FINANCE,
        full_name="Demo Finance",
    ),
    DemoPerson(
        label="Employee, IT",
        email="it@astrobookings.example",
        kind=UserKind.EMPLOYEE,
        home="employee:home",
        role=EmployeeRole.IT,
        full_name="Demo IT",
    ),
)
