"""A customer's name is kept in the profile and, for mails and employees, in PostgreSQL; both come to say the same."""

from dataclasses import replace

import pytest
from django.db import connection

from accounts import handlers, services
from accounts.models import User
from common import context, outbox, outbox_consumers
from common.context import Origin
from common.errors import InvalidInput
from common.models import OutboxEvent, OutboxPosition
from documents import comparison, mongo, reconcile
from documents.repositories import Profiles
from tests.accounts.conftest import NOW


@pytest.fixture
def vera(customer) -> User:
    """A customer with a profile."""
    services.profile_change(customer=customer, full_name="Vera Customer", phone="", birth_date=None, now=NOW)
    return customer


@pytest.fixture
def it(make_employee) -> User:
    return make_employee("it")


def correct(it: User, vera: User, name: str) -> outbox_consumers.Delivered:
    """Have an employee correct the name; the event is delivered by the test."""
    services.user_change(actor=it, user_id=vera.pk, changes={"full_name": name})
    return outbox_consumers.delivered(OutboxEvent.objects.filter(name="accounts.user.changed").latest("pk"))


def names(user: User) -> tuple[str, str]:
    """In PostgreSQL, and in the profile."""
    return User.objects.get(pk=user.pk).full_name, Profiles.get(user.pk).full_name


def look(*, is_dry_run: bool = False) -> tuple[int, int, int]:
    """Reconcile customers; return how many were stale, repaired, failed."""
    nothing_on_its_way()
    report = comparison.run(
        datasets=reconcile.find(["customers"]), is_dry_run=is_dry_run, progress=lambda *_: None, settle_s=0
    )
    counts = report.counts["customers"]
    return counts.stale, counts.repaired, counts.failed


def nothing_on_its_way() -> None:
    """Have the consumer past all events: those of a test that rolls back are never delivered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        OutboxPosition.objects.update_or_create(consumer="documents", defaults={"xid": cursor.fetchone()[0] + 1})


def profile_says(user: User, **changes) -> None:
    """As a crash leaves it after the document was written, or a hand in the store."""
    Profiles.put(replace(Profiles.get(user.pk), **changes))


def test_a_correction_by_an_employee_reaches_the_profile_and_nothing_else_of_it(vera, it):
    before = Profiles.get(vera.pk)

    event = correct(it, vera, "Vera Corrected")
    handlers.profile_name_follow(event)
    handlers.profile_name_follow(event)

    assert names(vera) == ("Vera Corrected", "Vera Corrected")
    assert Profiles.get(vera.pk) == replace(before, full_name="Vera Corrected", version=before.version + 1)
    assert look() == (0, 0, 0)


def test_a_correction_that_comes_late_does_not_undo_the_customers_own(vera, it):
    event = correct(it, vera, "Vera Corrected")
    vera.refresh_from_db()
    services.profile_change(customer=vera, full_name="Vera Herself", phone="", birth_date=None, now=NOW)

    handlers.profile_name_follow(event)

    assert names(vera) == ("Vera Herself", "Vera Herself")


def test_of_two_corrections_the_later_stays_in_whichever_order_they_come(vera, it):
    first, second = correct(it, vera, "Vera One"), correct(it, vera, "Vera Two")

    handlers.profile_name_follow(second)
    handlers.profile_name_follow(first)

    assert names(vera) == ("Vera Two", "Vera Two")


def test_a_correction_waits_for_the_store(vera, it, mongo_servers, settings):
    event = correct(it, vera, "Vera Corrected")
    mongo.close()
    settings.MONGODB_TIMEOUT_S = 0.3
    mongo_servers.customer.stop()

    with pytest.raises(outbox_consumers.Unavailable):
        handlers.profile_name_follow(event)
    mongo.close()


def test_a_name_that_says_nothing_is_refused(vera, it):
    with pytest.raises(InvalidInput) as refusal:
        services.user_change(actor=it, user_id=vera.pk, changes={"full_name": "  "})

    assert refusal.value.fields == {"full_name": "Enter your full name."}
    assert names(vera) == ("Vera Customer", "Vera Customer")


@pytest.mark.django_db(transaction=True)
def test_the_profile_follows_right_after_the_correction_is_committed(vera, it):
    services.user_change(actor=it, user_id=vera.pk, changes={"full_name": "Vera Corrected"})

    assert names(vera) == ("Vera Corrected", "Vera Corrected")


# --- reconciliation ---------------------------------------------------------------------------------------------------
def test_what_a_crash_left_behind_is_set_right_in_postgresql_with_an_entry_for_the_trail(vera):
    profile_says(vera, full_name="Vera Married")
    profile = Profiles.get(vera.pk)
    OutboxEvent.objects.all().delete()

    assert look(is_dry_run=True) == (1, 0, 0)
    assert names(vera) == ("Vera Customer", "Vera Married")
    with context.scope(origin=Origin.JOB):
        assert look() == (1, 1, 0)

    assert (names(vera), Profiles.get(vera.pk)) == (("Vera Married", "Vera Married"), profile)
    (told,) = OutboxEvent.objects.all()
    assert (told.name, told.origin) == ("accounts.user.changed", "job")
    assert told.payload == {
        "user_id": vera.pk,
        "fields": ["full_name"],
        "changes": {"full_name": {"before": "Vera Customer", "after": "Vera Married"}},
    }
    handlers.profile_name_follow(outbox_consumers.delivered(told))
    assert look() == (0, 0, 0)
    assert names(vera) == ("Vera Married", "Vera Married")


def test_a_language_is_set_right_in_the_profile(vera):
    profile_says(vera, locale="es")

    assert look() == (1, 1, 0)
    assert (Profiles.get(vera.pk).locale, look()) == ("en", (0, 0, 0))


@pytest.mark.parametrize("name", [" Vera  Spaced", "V" * 121])
def test_a_name_that_no_account_may_have_is_counted_as_failed(vera, name):
    profile_says(vera, full_name=name)

    assert look() == (1, 0, 1)
    assert names(vera) == ("Vera Customer", name)


def test_a_correction_on_its_way_is_no_drift_and_not_undone(vera, it):
    nothing_on_its_way()
    with outbox.deferred():
        correct(it, vera, "Vera Corrected")
    OutboxEvent.objects.update(xid=2**62)  # after whatever the consumer has had

    report = comparison.run(
        datasets=reconcile.find(["customers"]), is_dry_run=False, progress=lambda *_: None, settle_s=0
    )

    assert (report.counts["customers"].stale, report.counts["customers"].repaired) == (0, 0)
    assert names(vera) == ("Vera Corrected", "Vera Customer")
