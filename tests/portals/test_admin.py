"""The Django admin: who gets in, what each role sees, that money and history cannot be changed, and its policy."""

import re
from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from bookings.models import Booking
from common.admin import EstimatedPaginator
from common.models import OutboxEvent
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores, text  # noqa: F401 - fixtures

ROLES = ("anonymous", "customer", "owner", "support", "finance", "it", "admin")
SEES = {
    "bookings": {"support", "finance", "it", "admin"},
    "launches": {"support", "finance", "it", "admin"},
    "finance": {"finance", "admin"},
    "accounts": {"support", "it", "admin"},
    "notifications": {"it", "admin"},
    "documents": {"it", "admin"},
    "common": {"it", "admin"},
    "django_q": {"it", "admin"},
}
OURS = [model for model in admin.site._registry if model._meta.app_label in SEES]
UNTOUCHABLE = ("bookings", "finance", "documents", "common", "django_q")


def address(model, page="changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_table_has_its_plural(model):
    assert not re.search(r"[^aeiou]ys$", str(model._meta.verbose_name_plural))


def test_every_table_of_ours_has_a_screen():
    from django.apps import apps

    known = {model._meta.label for model in admin.site._registry}
    missing = {
        model._meta.label
        for label in ("bookings", "launches", "finance", "accounts", "notifications", "documents", "common")
        for model in apps.get_app_config(label).get_models()
    } - known
    assert missing == set()


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_which_table(role, visitor):
    client = visitor(role)
    index = client.get(reverse("admin:index"))
    if role in ("anonymous", "customer", "owner"):
        assert index.status_code == 302
        assert all(client.get(address(model)).status_code == 302 for model in OURS)
        return
    assert index.status_code == 200
    expected = {model._meta.label: 200 if role in SEES[model._meta.app_label] else 403 for model in OURS}
    assert {model._meta.label: client.get(address(model)).status_code for model in OURS} == expected


@pytest.mark.parametrize("role", ["customer", "owner"])
def test_strangers_to_the_admin_end_at_the_403_page(role, visitor):
    assert visitor(role).get(reverse("admin:index"), follow=True).status_code == 403


def test_a_stranger_ends_at_the_sign_in_page(visitor):
    answer = visitor("anonymous").get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("accounts:sign-in"))


def test_money_states_and_history_cannot_be_added_changed_or_deleted_even_by_an_admin(employee, make_launch, book):
    booking = book(make_launch(), seats=2)
    client = employee("admin")
    for model in OURS:
        if model._meta.app_label in UNTOUCHABLE:
            assert client.get(address(model, "add")).status_code == 403, model
    page = address(Booking, "change", booking.pk)
    assert client.get(page).status_code == 200
    assert client.post(page, {"status": "cancelled", "refund_amount": "1"}).status_code == 403
    assert client.post(address(Booking, "delete", booking.pk), {"post": "yes"}).status_code == 403
    booking.refresh_from_db()
    assert (booking.status, booking.refund_amount) == ("confirmed", 0)


@pytest.mark.parametrize(("model", "is_success"), [(Success, True), (Failure, False)])
def test_no_job_is_run_again_here_where_nobody_records_by_whom(model, is_success, employee):
    now = timezone.now()
    row = model.objects.create(
        id="0" * 32, name="late", func="common.tasks.outbox_wake", started=now, stopped=now, success=is_success
    )

    employee("it").post(address(model), {"action": "resubmit_task", "_selected_action": [row.pk]})

    assert OrmQ.objects.count() == 0
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("role", ["it", "admin"])
def test_schedules_are_read_here_and_changed_only_in_the_settings(role, employee):
    call_command("sync_schedules", stdout=StringIO())
    row = Schedule.objects.get(name="reconcile")
    before, client = Schedule.objects.values().get(pk=row.pk), employee(role)
    change = reverse("admin:django_q_schedule_change", args=[row.pk])

    assert client.get(change).status_code == 200
    refused = [
        client.post(change, {"name": "reconcile", "func": "os.system", "schedule_type": "I", "repeats": -1}),
        client.get(reverse("admin:django_q_schedule_add")),
        client.post(reverse("admin:django_q_schedule_add"), {"name": "mine", "func": "os.system"}),
        client.post(reverse("admin:django_q_schedule_delete", args=[row.pk]), {"post": "yes"}),
    ]
    client.post(address(Schedule), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})

    assert [answer.status_code for answer in refused] == [403] * 4
    assert Schedule.objects.values().get(pk=row.pk) == before
    assert not Schedule.objects.filter(name="mine").exists()


def test_pages_of_rows_open_and_search_works(employee, make_launch, book):
    booking = book(make_launch(), seats=2)
    client = employee("admin")
    page = text(client.get(address(Booking), {"q": booking.reference}))
    assert booking.reference in page
    assert "$900,000" in page
    for model in OURS:
        row = model._default_manager.first()
        if row is not None:
            assert client.get(address(model, "change", row.pk)).status_code == 200, model
        assert client.get(address(model), {"q": "no such thing"}).status_code == 200, model


@pytest.mark.parametrize("label", ["bookings.Booking", "bookings.Passenger", "finance.Payment", "finance.Invoice"])
def test_the_number_of_queries_does_not_grow(
    label, employee, make_launch, book, django_assert_num_queries, django_assert_max_num_queries
):
    model = next(model for model in OURS if model._meta.label == label)
    client = employee("admin")
    book(make_launch())
    client.get(address(model))
    with django_assert_max_num_queries(15) as few:
        client.get(address(model))
    book(make_launch())
    book(make_launch())
    with django_assert_num_queries(len(few)):
        client.get(address(model))


def test_the_admin_alone_has_the_looser_policy(employee):
    client = employee("admin")
    loose = client.get(reverse("admin:index"))["Content-Security-Policy"]
    strict = client.get(reverse("employee:home"))["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in f"{loose};"
    assert "frame-ancestors 'none'" in loose
    assert "unsafe" not in strict


def test_the_sidebar_goes_by_role(employee):
    finance, it = (text(employee(role).get(reverse("admin:index"))) for role in ("finance", "it"))
    payments, events = reverse("admin:finance_payment_changelist"), reverse("admin:common_outboxevent_changelist")
    assert payments in finance
    assert events not in finance
    assert payments not in it
    assert events in it


def test_large_tables_are_estimated_only_when_they_are_shown_whole(db, monkeypatch):
    from django.db import connection

    for _ in range(3):
        OutboxEvent.objects.create(name="a.b.c", payload={}, origin="portal")
    whole, some = OutboxEvent.objects.order_by("pk"), OutboxEvent.objects.filter(name="a.b.c").order_by("pk")
    assert EstimatedPaginator(whole, 50).count == 3
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1000000 WHERE oid = 'common_outboxevent'::regclass")
    assert EstimatedPaginator(whole, 50).count == 1_000_000
    assert EstimatedPaginator(some, 50).count == 3
