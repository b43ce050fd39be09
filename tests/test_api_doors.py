"""Every operation of the API x every role, and bad input at each: a sentence that names the field, nothing written."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from bookings import services as booking_services
from bookings.models import Booking, Hold, SlipDecision, WaitingEntry
from common.models import OutboxEvent, OutboxFailure
from documents.models import ReconciliationRun
from finance.models import Invoice, MoneyReconciliationRun, Payment, SupplierStatement
from finance.services import invoice_issue
from launches.models import SupplierMember
from tests.copies import copies_gone, copies_written
from tests.factories import (
    EmployeeFactory,
    LaunchFactory,
    MemberFactory,
    RocketFactory,
    UserFactory,
    make_booking,
    make_hold,
    make_pending,
)
from tests.notifications.builders import make_row
from tests.portals.webhooks import make_delivery, make_endpoint

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "customer", "other_customer", "supplier", "other_supplier", "support", "finance", "it", "admin")
PUBLIC = dict.fromkeys(ROLES, 200)
OWN = {**dict.fromkeys(ROLES, 403), "anonymous": 401, "customer": 200, "other_customer": 404}
CUSTOMERS = {**OWN, "other_customer": 200}
SUPPLIER = {**dict.fromkeys(ROLES, 403), "anonymous": 401, "supplier": 200, "other_supplier": 404}
SUPPLIERS = {**SUPPLIER, "other_supplier": 200}
STAFF = {**dict.fromkeys(ROLES, 403), "anonymous": 401, "support": 200, "finance": 200, "it": 200, "admin": 200}
IT = {**STAFF, "support": 403, "finance": 403}
FINANCE = {**STAFF, "support": 403, "it": 403}
READS = {
    "customer/mail-preferences/": CUSTOMERS,
    "supplier/mail-preferences/": SUPPLIERS,
    "employee/mail-preferences/": STAFF,
    "customer/launches/": PUBLIC,
    "customer/launches/{launch}/": PUBLIC,
    "customer/holds/{hold}/": OWN,
    "customer/bookings/": CUSTOMERS,
    "customer/bookings/{reference}/": OWN,
    "customer/profile/": CUSTOMERS,
    "customer/trips/": CUSTOMERS,
    "customer/trips/{reference}/": OWN,
    "customer/bookings/{reference}/payment/": OWN,
    "customer/bookings/{reference}/rebookings/": OWN,
    "customer/rebookings/{rebooking}/": OWN,
    "customer/slips/": CUSTOMERS,
    "customer/inbox/": CUSTOMERS,
    "supplier/inbox/": SUPPLIERS,
    "employee/inbox/": STAFF,
    "customer/waiting/": CUSTOMERS,
    "customer/waiting/{entry}/": OWN,
    "supplier/launches/{launch}/waiting/": SUPPLIER,
    "employee/launches/{launch}/waiting/": STAFF,
    "supplier/launches/": SUPPLIERS,
    "supplier/launches/{launch}/": SUPPLIER,
    "supplier/launches/{launch}/bookings/": SUPPLIER,
    "supplier/launches/{launch}/seats/": SUPPLIER,
    "employee/bookings/": STAFF,
    "employee/bookings/{reference}/": STAFF,
    "employee/refunds/": FINANCE,
    "customer/invoices/": CUSTOMERS,
    "customer/invoices/{invoice}/": OWN,
    "customer/invoices/{invoice}/pdf/": OWN,
    "supplier/invoices/": SUPPLIERS,
    "supplier/invoices/{bill}/": SUPPLIER,
    "supplier/invoices/{bill}/pdf/": SUPPLIER,
    "supplier/statements/": SUPPLIERS,
    "supplier/statements/{statement}/": SUPPLIER,
    "supplier/statements/{statement}/pdf/": SUPPLIER,
    "employee/invoices/": FINANCE,
    "employee/invoices/{invoice}/": FINANCE,
    "employee/invoices/{bill}/pdf/": FINANCE,
    "employee/statements/": FINANCE,
    "employee/statements/{statement}/": FINANCE,
    "employee/statements/{statement}/pdf/": FINANCE,
    "employee/ledger/balances/": FINANCE,
    "employee/bookings/{reference}/ledger/": FINANCE,
    "employee/money-reconciliations/": FINANCE,
    "employee/money-reconciliations/{money_run}/": FINANCE,
    "employee/log/": IT,
    "employee/reconciliations/": IT,
    "employee/reconciliations/{run}/": IT,
    "employee/events/consumers/": IT,
    "employee/events/failures/": IT,
    "employee/jobs/": IT,
    "employee/jobs/{job}/runs/": IT,
    "supplier/webhook-events/": SUPPLIERS,
    "supplier/webhooks/": SUPPLIERS,
    "supplier/webhooks/{webhook}/": SUPPLIER,
    "supplier/webhooks/{webhook}/deliveries/": SUPPLIER,
    "supplier/webhooks/{webhook}/deliveries/{delivery}/": SUPPLIER,
    "employee/webhook-events/": IT,
    "employee/webhooks/": IT,
    "employee/webhooks/{webhook}/": IT,
    "employee/webhooks/{webhook}/deliveries/": IT,
    "employee/webhooks/{webhook}/deliveries/{delivery}/": IT,
}
# What each does to an endpoint that is active, with one delivery that was given up; in this order.
WEBHOOK_MOVES = {
    "": 422,
    "{webhook}/pause/": 201,
    "{webhook}/resumption/": 201,
    "{webhook}/attempt/": 202,
    "{webhook}/test-events/": 202,
    "{webhook}/replays/": 422,
    "{webhook}/deliveries/{delivery}/replay/": 202,
    "{webhook}/deliveries/{delivery}/skip/": 201,
    "{webhook}/secret/": 201,
}
WRITES = {
    "customer/holds/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/holds/{hold}/extension/": {**OWN, "customer": 201},
    "customer/profile/passengers/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/{reference}/release/": {**OWN, "customer": 409},
    "customer/bookings/{reference}/passengers/{passenger}/replacement/": {
        **OWN,
        "customer": 422,
        "other_customer": 422,
    },
    "customer/bookings/{reference}/passengers/{passenger}/seat/": {**OWN, "customer": 422, "other_customer": 422},
    "supplier/launches/{launch}/seats/withdrawals/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "supplier/launches/{launch}/seats/returns/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "supplier/launches/{launch}/seats/on-sale/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "employee/bookings/{reference}/passengers/{passenger}/replacement/": {
        **dict.fromkeys(ROLES, 403),
        "anonymous": 401,
        "support": 422,
        "admin": 422,
    },
    "customer/checkouts/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/{reference}/payment/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/{reference}/payment/challenge/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/{reference}/payment/abandonment/": {**OWN, "customer": 409},
    "customer/rebookings/{rebooking}/payment/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/rebookings/{rebooking}/payment/challenge/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/rebookings/{rebooking}/payment/abandonment/": {**OWN, "customer": 404},
    "employee/refunds/{refund}/retry/": {**FINANCE, "finance": 404, "admin": 404},
    "employee/refunds/{refund}/paid-by-hand/": {**FINANCE, "finance": 422, "admin": 422},
    "employee/bookings/{reference}/goodwill-refund/": {
        **FINANCE,
        "support": 422,
        "finance": 422,
        "admin": 422,
    },
    "employee/invoices/{bill}/payments/": {**FINANCE, "finance": 422, "admin": 422},
    "employee/statements/{statement}/payout/": {**FINANCE, "finance": 201, "admin": 201},
    "customer/inbox/read/": CUSTOMERS,
    "supplier/inbox/read/": SUPPLIERS,
    "employee/inbox/read/": STAFF,
    "customer/inbox/{message}/read/": OWN,
    "supplier/inbox/{desk_message}/read/": SUPPLIER,
    "employee/inbox/{it_message}/read/": {**STAFF, "support": 404, "finance": 404, "admin": 404},
    # Nobody signs in there: the signature is the proof.
    "payments/callbacks/{gateway}/": dict.fromkeys(ROLES, 400),
    "customer/bookings/{reference}/cancellation-quotes/": {**OWN, "customer": 201},
    "customer/bookings/{reference}/cancellation/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/bookings/{reference}/rebookings/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/rebookings/{rebooking}/confirmation/": {**OWN, "customer": 201},
    "customer/slips/{slip}/answer/": {**OWN, "customer": 422},
    "supplier/launches/{launch}/delay/preview/": {**SUPPLIER, "supplier": 422},
    "customer/waiting/": {**OWN, "customer": 422, "other_customer": 422},
    "customer/waiting/{entry}/accept/": {**OWN, "customer": 409},
    "customer/waiting/{entry}/decline/": {**OWN, "customer": 409},
    "supplier/launches/{launch}/publication/": {**SUPPLIER, "supplier": 409},
    "supplier/launches/{launch}/delays/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "supplier/launches/{launch}/flight/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "supplier/launches/{launch}/abort/": {**SUPPLIER, "supplier": 422, "other_supplier": 422},
    "employee/reconciliations/": {**IT, "it": 202, "admin": 202},
    "employee/money-reconciliations/": {**FINANCE, "finance": 202, "admin": 202},
    "employee/events/failures/{failure}/drop/": {**IT, "it": 422, "admin": 422},
    "employee/events/failures/{failure}/retry/": {**IT, "it": 204, "admin": 204},
    **{
        f"supplier/webhooks/{path}": {**SUPPLIER, "supplier": status, "other_supplier": 422 if status == 422 else 404}
        for path, status in WEBHOOK_MOVES.items()
    },
    # Another's secret is not IT's to make.
    **{
        f"employee/webhooks/{path}": {
            **IT,
            "it": 403 if "secret" in path else status,
            "admin": 403 if "secret" in path else status,
        }
        for path, status in WEBHOOK_MOVES.items()
    },
    "employee/jobs/{job}/runs/": {**IT, "it": 202, "admin": 202},
}


@pytest.fixture
def world():
    member = MemberFactory()
    launch = LaunchFactory(
        rocket=RocketFactory(supplier=member.supplier), departure_at=timezone.now() + timedelta(days=500)
    )
    booking = make_booking(launch=launch, now=timezone.now())
    people = {
        "anonymous": None,
        "customer": booking.customer,
        "other_customer": UserFactory(),
        "supplier": member.user,
        "other_supplier": MemberFactory().user,
        **{role: EmployeeFactory(employee_role=role) for role in ("support", "finance", "it", "admin")},
    }
    run = ReconciliationRun.objects.create(datasets=[], origin="command", status="done", ended_at=timezone.now())
    target = LaunchFactory(
        rocket=launch.rocket, destination=launch.destination, departure_at=timezone.now() + timedelta(days=600)
    )
    move = booking_services.rebooking_open(
        customer=booking.customer, reference=booking.reference, launch_id=target.pk, now=timezone.now()
    )
    slip = SlipDecision.objects.create(
        booking=booking,
        launch=launch,
        event_id=1,
        old_departure_at=launch.departure_at,
        new_departure_at=launch.departure_at,
        deadline_at=timezone.now() + timedelta(days=14),
        created_at=timezone.now(),
    )
    statement = settled(launch)
    endpoint = make_endpoint(member.supplier)
    names = {
        "message": make_row(1, receiver=booking.customer).pk,
        "desk_message": make_row(2, receiver=member.user).pk,
        "it_message": make_row(3, receiver=people["it"]).pk,
        "webhook": endpoint.pk,
        "delivery": make_delivery(endpoint, status="failed", done_at=timezone.now()).pk,
        "rebooking": move.pk,
        "slip": slip.pk,
        "launch": launch.pk,
        "hold": make_hold(launch=launch, customer=booking.customer, now=timezone.now()).pk,
        "reference": booking.reference,
        "invoice": invoice_issue(booking_id=booking.pk, event_id=1, today=timezone.now().date()).pk,
        "bill": statement.invoice_id,
        "statement": statement.pk,
        "passenger": booking.passengers.get().pk,
        "run": run.pk,
        "failure": OutboxFailure.objects.create(
            consumer="audit", event=OutboxEvent.objects.latest("pk"), error="no", parked_at=timezone.now()
        ).pk,
        "money_run": MoneyReconciliationRun.objects.create(started_at=timezone.now(), origin="job").pk,
        "refund": uuid.uuid4(),
        "gateway": "sandbox",
        "job": "expire-holds",
        "entry": WaitingEntry.objects.create(
            launch=launch, customer=booking.customer, party=4, joined_at=timezone.now()
        ).pk,
    }
    return people, names


def settled(launch) -> SupplierStatement:
    """A statement of the launch with an invoice, as if it had flown."""
    today = timezone.now().date()
    bill = Invoice.objects.create(
        kind="supplier", series="S", year=today.year, number=1, launch=launch, supplier=launch.supplier,
        amount=10, currency="USD", lines=[], issued_on=today, due_on=today,
    )  # fmt: skip
    return SupplierStatement.objects.create(
        launch=launch, supplier=launch.supplier, invoice=bill, currency="USD", lines=[], collected_amount=1000,
        refunded_amount=0, fee_amount=10, payout_amount=990, issued_at=timezone.now(),
    )  # fmt: skip


def client_of(person) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_what(world, role):
    people, names = world
    client = client_of(people[role])

    found = {path: client.get(f"/api/v1/{path.format(**names)}").status_code for path in READS}

    assert found == {path: expected[role] for path, expected in READS.items()}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write_what(world, role):
    people, names = world
    client = client_of(people[role])

    found = {path: client.post(f"/api/v1/{path.format(**names)}", {}, format="json").status_code for path in WRITES}

    assert found == {path: expected[role] for path, expected in WRITES.items()}


def test_the_tables_name_every_operation():
    def routes(patterns, prefix=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
            elif isinstance(pattern, URLPattern) and (prefix + str(pattern.pattern)).startswith("api/v1/"):
                yield prefix.removeprefix("api/v1/") + str(pattern.pattern)

    known = (
        set(READS)
        | set(WRITES)
        | {
            "supplier/launches/{launch}/confirmation/",
            # PUT and DELETE; tests/accounts/test_profile.py
            "customer/profile/passengers/{passenger}/",
            # PATCH; tests/bookings/test_changes_api.py
            "customer/bookings/{reference}/passengers/{passenger}/",
            "employee/bookings/{reference}/passengers/{passenger}/",
        }
    )
    shapes = {shape(path) for path in known}
    missing = [
        route for route in routes(get_resolver().url_patterns) if shape(route) not in shapes and "auth/" not in route
    ]

    assert missing == []


def shape(path: str) -> str:
    import re

    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", path)


HOLD = {"launch_id": 1, "party": 1}
BAD = [
    ("customer/holds/", {}, "launch_id"),
    ("customer/holds/", {"launch_id": "x", "party": 1}, "launch_id"),
    ("customer/holds/", {"launch_id": 2**70, "party": 1}, "launch_id"),
    ("customer/holds/", {"launch_id": 1}, "seat_ids"),
    ("customer/holds/", {"launch_id": 1, "party": 1, "seat_ids": [1]}, "seat_ids"),
    ("customer/holds/", {"launch_id": 1, "party": 0}, "party"),
    ("customer/holds/", {"launch_id": 1, "seat_ids": [0]}, "seat_ids.0"),
    ("customer/holds/", {"launch_id": 1, "seat_ids": "A1"}, "seat_ids"),
    ("customer/holds/", [], "body"),
    ("customer/bookings/", {"hold_id": "nonsense", "passengers": [{}]}, "hold_id"),
    ("customer/bookings/", {"hold_id": str(uuid.uuid4()), "passengers": []}, "passengers"),
    ("customer/bookings/", {"hold_id": str(uuid.uuid4()), "passengers": [{}]}, "passengers.0.full_name"),
    (
        "customer/bookings/",
        {
            "hold_id": str(uuid.uuid4()),
            "passengers": [{"full_name": "A\u0000B", "email": "e", "phone": "1", "birth_date": "2000-13-45"}],
        },
        "passengers.0.birth_date",
    ),
    ("customer/bookings/{reference}/payment/", {"number": "1", "expiry": "01/20", "code": "1"}, "number"),
    ("customer/bookings/{reference}/payment/", {"number": ["4242"], "expiry": "12/35", "code": "123"}, "number"),
    ("customer/bookings/{reference}/payment/", {"payment_method": "4242424242424242"}, "payment_method"),
    ("customer/bookings/{reference}/payment/", {"payment_method": "pm_1"}, "number"),
    ("customer/bookings/{reference}/payment/", {"number": "4242424242424242"}, "expiry"),
    ("customer/bookings/{reference}/cancellation-quotes/", {"passenger_ids": ["x"]}, "passenger_ids.0"),
    ("customer/bookings/{reference}/cancellation/", {"quote_id": "x"}, "quote_id"),
    ("customer/waiting/", {"party": 1}, "launch_id"),
    ("customer/waiting/", {"launch_id": 1, "party": 0}, "party"),
    ("customer/waiting/", {"launch_id": 1, "party": "two"}, "party"),
    ("customer/bookings/{reference}/rebookings/", {"launch_id": "x"}, "launch_id"),
    ("customer/bookings/{reference}/rebookings/", {"launch_id": 1, "seat_ids": [0]}, "seat_ids.0"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD, ids=[f"{p} {f} {n}" for n, (p, _, f) in enumerate(BAD)])
def test_bad_input_is_named_and_changes_nothing(path, body, field):
    booking = make_pending(launch=LaunchFactory(departure_at=timezone.now() + timedelta(days=500)), now=timezone.now())
    events = OutboxEvent.objects.count()

    answer = client_of(booking.customer).post(
        f"/api/v1/{path.format(reference=booking.reference)}", body, format="json"
    )

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in problem["fields"]
    assert problem["fields"][field][0].isupper()
    assert set(problem) >= {"type", "title", "status", "detail", "code", "request_id"}
    assert (Hold.objects.count(), Booking.objects.count(), Payment.objects.count()) == (1, 1, 0)
    assert OutboxEvent.objects.count() == events


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"price_max": "much"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"date_from": "soon"}, "date_from"),
        ({"seats": "-1"}, "seats"),
        ({"sort": "beauty"}, "sort"),
        ({"limit": "1000"}, "limit"),
        ({"cursor": "!!"}, "cursor"),
        ({"cursor": "WzEsMl0"}, "cursor"),
        ({"cursor": "WyJub3QgYSBkYXRlIiwxXQ"}, "cursor"),
        ({"cursor": "WyIyMDI4LTAxLTAxVDAwOjAwOjAwWiIsMWU5OTldCg"}, "cursor"),
        ({"cursor": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxXQ"}, "cursor"),
        ({"cursor": "W1tb" * 1000}, "cursor"),
        ({"limit": "9" * 5000}, "limit"),
    ],
)
def test_bad_filters_are_named(query, field):
    answer = APIClient().get("/api/v1/customer/launches/", query)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


@pytest.mark.parametrize("text", ["\x00", "%", "'; DROP TABLE", "ö" * 100])
def test_hostile_search_words_find_nothing_and_break_nothing(text):
    LaunchFactory(departure_at=timezone.now() + timedelta(days=500))

    answer = APIClient().get("/api/v1/customer/launches/", {"text": text})

    assert answer.status_code in (200, 422)
    assert answer.json().get("results", []) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "nothing/", 404),
        ("get", "customer/launches/99999999999999999999/", 404),
        ("get", "customer/launches/999999/", 404),
        ("put", "customer/launches/", 405),
    ],
)
def test_wrong_addresses_are_problems_too(method, path, status):
    answer = getattr(APIClient(), method)(f"/api/v1/{path}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_broken_json_is_a_problem():
    client = client_of(UserFactory())
    answer = client.post("/api/v1/customer/holds/", "{", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_queries_with_one_and_with_three(count, django_assert_num_queries):
    launches = [LaunchFactory(departure_at=timezone.now() + timedelta(days=500 + n)) for n in range(count)]
    customer = UserFactory()
    for launch in launches:
        make_booking(launch=launch, customer=customer, seats=count, now=timezone.now())
    employee = EmployeeFactory()

    copies_written()
    with django_assert_num_queries(1):
        assert len(APIClient().get("/api/v1/customer/launches/").json()["results"]) == count
    copies_gone()
    with django_assert_num_queries(3):  # what the documents lack: launches, and their claims
        assert len(APIClient().get("/api/v1/customer/launches/").json()["results"]) == count
    # Two for the session and its user, then the list: bookings with their launches, and passengers.
    for person, path in ((customer, "customer/bookings/"), (employee, "employee/bookings/")):
        client = client_of(person)
        with django_assert_num_queries(4):
            assert len(client.get(f"/api/v1/{path}").json()["results"]) == count
    client = client_of(customer)
    with django_assert_num_queries(5):  # what the documents lack: bookings with their launches, and passengers
        assert len(client.get("/api/v1/customer/trips/").json()["results"]) == count
    copies_written()
    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/customer/trips/").json()["results"]) == count


def test_pages_follow_each_other_without_gap_or_repeat():
    for number in range(5):
        LaunchFactory(departure_at=timezone.now() + timedelta(days=500 + number // 2), price_amount=100 + number % 2)
    for sort in ("departure", "-departure", "price", "-price"):
        seen, cursor = [], ""
        while True:
            page = APIClient().get("/api/v1/customer/launches/", {"limit": 2, "sort": sort, "cursor": cursor}).json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 5


def test_the_schema_is_the_committed_one(tmp_path, settings):
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn")

    committed = (settings.BASE_DIR / "docs" / "openapi.yaml").read_text()
    assert fresh.read_text() == committed, "Run `make schema` and commit docs/openapi.yaml."


def test_docs_and_schema_are_served():
    client = APIClient()
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"<script>" not in page.content


def test_a_member_without_a_supplier_sees_nothing():
    loner = UserFactory(kind="supplier")
    assert not SupplierMember.objects.filter(user=loner).exists()

    assert client_of(loner).get("/api/v1/supplier/launches/").status_code == 403
