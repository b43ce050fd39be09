"""Door by role: who gets which answer at every address of the portal."""

import pytest
from django.urls import reverse

from common import outbox_consumers
from common.context import Origin
from common.models import JobRun, OutboxEvent, OutboxFailure
from documents import audit_reading
from documents import services as document_services
from finance.models import MoneyReconciliationRun, Refund
from notifications.models import Notification
from portals.employee.desk import HEADS
from portals.employee.urls import urlpatterns
from tests.factories import UserFactory
from tests.finance.settling import settled
from tests.portals.webhooks import webhook_address

ROLES = ("anonymous", "customer", "owner", "gate", "support", "finance", "it", "admin")
ALL = (302, 403, 403, 403, 200, 200, 200, 200)
IT = (302, 403, 403, 403, 403, 403, 200, 200)
SUPPORT = (302, 403, 403, 403, 200, 403, 403, 200)
SUPPORT_IT = (302, 403, 403, 403, 200, 403, 200, 200)
FINANCE = (302, 403, 403, 403, 403, 200, 403, 200)
FINANCE_SUPPORT = (302, 403, 403, 403, 200, 200, 403, 200)
# Only POST: the method is refused before anybody is asked who they are.
ADMIN = (302, 403, 403, 403, 403, 403, 403, 200)
ONLY_POST = (405,) * 8
NO_MAIL = (302, 403, 403, 403, 403, 403, 404, 404)
DOORS = {
    "home": ALL,
    "inbox": ALL,
    "preferences": ALL,
    "booking-list": ALL,
    "booking-detail": ALL,
    "booking-goodwill": FINANCE_SUPPORT,
    "booking-ledger": FINANCE,
    "money-run-list": FINANCE,
    "money-run": FINANCE,
    "refund-list": FINANCE,
    "invoice-list": FINANCE,
    "invoice-detail": FINANCE,
    "invoice-pdf": FINANCE,
    "statement-list": FINANCE,
    "statement-detail": FINANCE,
    "statement-pdf": FINANCE,
    "statement-payout": FINANCE,
    "refund-retry": ONLY_POST,
    "refund-paid-by-hand": FINANCE,
    "launch-list": ALL,
    "launch-detail": ALL,
    "supplier-list": SUPPORT,
    "supplier-approve": ONLY_POST,
    "supplier-suspend": SUPPORT,
    "user-list": SUPPORT_IT,
    "user-detail": SUPPORT_IT,
    "second-factor-reset": ADMIN,
    "notification-list": IT,
    "notification-act": ONLY_POST,
    "notification-bulk": ONLY_POST,
    "template-list": IT,
    "wording-detail": IT,
    "wording-preview": IT,
    "wording-test": ONLY_POST,
    "wording-publish": ONLY_POST,
    "wording-discard": ONLY_POST,
    "wording-reset": ONLY_POST,
    "mail-list": IT,
    "mail-detail": NO_MAIL,
    "mail-attachment": NO_MAIL,
    "log-list": IT,
    "audit-list": IT,
    "audit-check": ONLY_POST,
    "audit-entry": (302, 403, 403, 403, 404, 404, 200, 200),
    "reconciliation": IT,
    "reconciliation-run": IT,
    "document-stores": IT,
    "reconciliation-cancel": ONLY_POST,
    "event-list": IT,
    "event-retry": ONLY_POST,
    "event-drop": IT,
    "webhook-list": IT,
    "webhook-new": IT,
    "webhook-detail": IT,
    "webhook-edit": IT,
    "webhook-secret": IT,
    "webhook-remove": IT,
    "webhook-replay": IT,
    "webhook-delivery": IT,
    "webhook-act": (302, 403, 403, 403, 403, 403, 405, 405),
    "webhook-delivery-act": (302, 403, 403, 403, 403, 403, 405, 405),
    "job-list": IT,
    "job-detail": IT,
    "job-run": ONLY_POST,
}
# What a POST of those who may gives; the others get 302 (sign in) or 403.
POSTS = {
    "refund-retry": ("finance", "admin"),
    "statement-payout": ("finance", "admin"),
    "supplier-approve": ("support", "admin"),
    "supplier-suspend": ("support", "admin"),
    "notification-act": ("it", "admin"),
    "notification-bulk": ("it", "admin"),
    "wording-test": ("it", "admin"),
    "wording-publish": ("it", "admin"),
    "wording-discard": ("it", "admin"),
    "wording-reset": ("it", "admin"),
    "reconciliation-cancel": ("it", "admin"),
    "event-drop": ("it", "admin"),
    "audit-check": ("it", "admin"),
    "webhook-delivery-act": ("it", "admin"),
    "webhook-act": ("it", "admin"),
    "job-run": ("it", "admin"),
}


@pytest.fixture
def message(now):
    return Notification.objects.create(
        template="booking_confirmed",
        dedupe_key="one",
        address="vera@example.org",
        subject="Your booking",
        facts={},
        status="failed",
        due_at=now,
        give_up_at=now,
        created_at=now,
    )


@pytest.fixture
def failure(now):
    event = OutboxEvent.objects.create(name="bookings.booking.confirmed", payload={"booking_id": 1}, origin="portal")
    return OutboxFailure.objects.create(
        consumer="audit", event=event, attempts=8, error="ValueError: no", parked_at=now
    )


@pytest.fixture
def run(db):
    return document_services.reconciliation_start(origin=Origin.PORTAL)


@pytest.fixture
def addresses(make_launch, book, supplier, message, failure, run):
    colleague = UserFactory(kind="employee", employee_role="it")
    launch = make_launch()
    booking = book(launch)
    refund = Refund.objects.create(
        payment=booking.payments.get(),
        booking=booking,
        amount=1,
        currency="USD",
        cause="customer",
        dedupe_key="one",
        created_at=booking.created_at,
    )
    statement = settled(launch)
    arguments = {
        **{f"invoice-{what}": [statement.invoice_id] for what in ("detail", "pdf")},
        **{f"statement-{what}": [statement.pk] for what in ("detail", "pdf", "payout")},
        "booking-detail": [booking.reference],
        "booking-goodwill": [booking.reference],
        "booking-ledger": [booking.reference],
        "money-run": [MoneyReconciliationRun.objects.create(started_at=booking.created_at, origin="job").pk],
        "user-detail": [booking.customer_id],
        "second-factor-reset": [colleague.pk],
        "refund-retry": [refund.pk],
        "refund-paid-by-hand": [refund.pk],
        "launch-detail": [launch.pk],
        "supplier-approve": [supplier.pk],
        "supplier-suspend": [supplier.pk],
        "notification-act": [message.pk, "cancel"],
        **{f"wording-{what}": ["slip_kept", "en"] for what in ("detail", "publish", "discard", "reset")},
        **{f"wording-{what}": ["slip_kept", "en", "shipped"] for what in ("preview", "test")},
        "mail-detail": ["20270314T120000-none.eml"],
        "mail-attachment": ["20270314T120000-none.eml", 0],
        "reconciliation-run": [run.pk],
        "reconciliation-cancel": [run.pk],
        "audit-entry": [audit_reading.key_of_event_number(event_id=failure.event_id)],
        "event-retry": [failure.pk],
        "event-drop": [failure.pk],
        "job-detail": ["expire-holds"],
        "job-run": ["expire-holds"],
    }
    return {
        name: webhook_address("employee", name, None)
        if name.startswith("webhook-") and name not in ("webhook-list", "webhook-new")
        else reverse(f"employee:{name}", args=arguments.get(name))
        for name in DOORS
    }


def test_the_table_has_every_address():
    assert set(DOORS) == {entry.name for entry in urlpatterns}


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_in(role, visitor, addresses):
    client = visitor(role)
    expected = {name: statuses[ROLES.index(role)] for name, statuses in DOORS.items()}
    assert {name: client.get(address).status_code for name, address in addresses.items()} == expected


@pytest.mark.parametrize("role", ROLES)
def test_who_may_change(role, visitor, addresses, message, failure, run, supplier):
    client = visitor(role)
    for name, allowed in POSTS.items():
        expected = 303 if role in allowed else 302 if role == "anonymous" else 403
        assert client.post(addresses[name], {"reason": "Because"}).status_code == expected, name
    for row in (message, run, supplier):
        row.refresh_from_db()
    is_it, is_support = role in ("it", "admin"), role in ("support", "admin")
    assert message.status == ("cancelled" if is_it else "failed")
    assert JobRun.objects.exists() == is_it
    assert OutboxFailure.objects.filter(pk=failure.pk).exists() != is_it
    assert run.status == ("cancelled" if is_it else "running")
    assert supplier.status == ("suspended" if is_support else "approved")


def test_the_navigation_shows_only_what_opens(employee):
    finance = employee("finance").get(reverse("employee:home")).content.decode()
    it = employee("it").get(reverse("employee:home")).content.decode()
    assert reverse("employee:log-list") not in finance
    assert reverse("employee:log-list") in it
    assert reverse("employee:supplier-list") not in it


def test_the_navigation_stands_under_heads_that_have_entries(employee):
    admin = employee("admin").get(reverse("employee:home"))
    finance = employee("finance").get(reverse("employee:home"))

    shown = {head: [label for label, *_ in items] for head, items in admin.context["nav_groups"] if head}
    assert {label for labels in shown.values() for label in labels} == set(HEADS)
    assert shown["Money"] == ["Refunds", "Invoices", "Statements", "Ledger"]
    assert [head for head, _ in finance.context["nav_groups"]] == ["", "Sales", "Money", ""]
    assert ">System</p>" not in finance.content.decode()


def test_who_is_refused_is_led_back_to_the_own_desk(employee, member):
    refused = [employee("finance").get(reverse("employee:log-list")), member().get(reverse("employee:home"))]

    assert [answer.status_code for answer in refused] == [403, 403]
    for answer, home in zip(refused, ("employee:home", "supplier:home"), strict=True):
        assert f'href="{reverse(home)}">Back to the overview' in answer.content.decode()


def test_the_consumers_are_registered():
    assert "audit" in outbox_consumers.consumers()
