"""Launches that sell too few seats: warned four months before departure, aborted three months before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings import selectors, services
from bookings.models import Booking
from common.dates import months_after
from common.models import OutboxEvent
from launches import services as launch_services
from launches.models import Launch, LaunchHistory
from notifications import services as notification_services
from notifications.models import Notification
from tests.factories import NOW, LaunchFactory, MemberFactory, RocketFactory, make_booking

pytestmark = pytest.mark.django_db

# 14 March 2028 at the spaceport: warned on 14 November 2027, aborted on 14 December 2027.
DEPARTURE = datetime(2028, 3, 14, 14, 30, tzinfo=UTC)


def at(month, day, hour=12, year=2027):
    return datetime(year, month, day, hour, tzinfo=UTC)


WARN_AT, ABORT_AT = at(11, 14), at(12, 14)


def make_launch(**fields):
    """Ten seats on sale, so two must be sold."""
    return LaunchFactory(**{"seats": 10, "departure_at": DEPARTURE, "minimum_occupancy_percent": 20, **fields})


def check(*moments):
    """Check at each instant; what was done each time."""
    done = []
    for now in moments:
        services.viability_check(now=now, tell=lambda verdict: done.append(verdict.outcome))
    return done


def state(launch):
    launch.refresh_from_db()
    return launch.status


# --- the check --------------------------------------------------------------------------------------
def test_a_launch_that_sells_too_little_is_warned_once_and_aborted_a_month_later():
    launch = make_launch()
    make_booking(launch=launch)

    assert check(at(11, 13), WARN_AT, WARN_AT, at(11, 30), at(12, 13)) == ["warned"]
    assert state(launch) == "scheduled"
    assert check(ABORT_AT, ABORT_AT) == ["aborted"]

    assert state(launch) == "aborted"
    assert launch.reason == "Not viable: 1 of 10 seats were sold, 2 would have been needed."
    assert (launch.viability_warned_at, launch.version) == (WARN_AT, 2)
    told = OutboxEvent.objects.get(name="launches.launch.viability_warned").payload
    assert told == {
        "launch_id": launch.pk,
        "supplier_id": launch.supplier_id,
        "version": 1,
        "seats_sold": 1,
        "seats_needed": 2,
        "seats_on_sale": 10,
        "check_on": "2027-12-14",
        "old_status": "",
        "new_status": "",
    }
    assert OutboxEvent.objects.filter(name="launches.launch.aborted").count() == 1
    row = LaunchHistory.objects.get(launch=launch, field="status")
    assert (row.new_value, row.actor, row.reason) == ("aborted", None, launch.reason)


def test_the_day_is_the_one_at_the_spaceport():
    # 01:00 UTC on the day of the check is still the evening before in Texas.
    launch = make_launch()
    check(WARN_AT)

    assert check(at(12, 14, 1)) == []
    assert check(at(12, 14, 7)) == ["aborted"]
    assert state(launch) == "aborted"


@pytest.mark.parametrize("sold_by", ["before the warning", "after the warning"])
def test_enough_seats_save_it(sold_by):
    launch = make_launch()
    if sold_by == "after the warning":
        check(WARN_AT)
    make_booking(launch=launch, seats=2)

    assert check(WARN_AT, ABORT_AT) == []
    assert state(launch) == "scheduled"


def test_a_held_seat_is_not_sold():
    launch = make_launch()
    make_booking(launch=launch)
    check(WARN_AT)
    services.seats_hold(customer=Booking.objects.get().customer, launch_id=launch.pk, party=2, now=ABORT_AT)

    assert check(ABORT_AT) == ["aborted"]


def test_a_seat_cancelled_too_late_for_a_refund_counts_as_sold():
    launch = make_launch()
    booking = make_booking(launch=launch, seats=2)
    check(WARN_AT)
    late = at(12, 20)
    Launch.objects.filter(pk=launch.pk).update(viability_warned_at=WARN_AT)
    quote = services.cancellation_quote(customer=booking.customer, reference=booking.reference, now=late)
    services.booking_cancel(customer=booking.customer, reference=booking.reference, quote_id=quote.pk, now=late)

    assert quote.refund_amount == Decimal(0)
    assert check(late) == []


def test_withdrawn_seats_are_not_on_sale_and_need_not_be_sold():
    launch = make_launch()
    make_booking(launch=launch)
    services.seats_on_sale_change(actor=None, launch_id=launch.pk, count=5, now=NOW)

    assert check(WARN_AT, ABORT_AT) == []
    services.seats_on_sale_change(actor=None, launch_id=launch.pk, count=10, now=ABORT_AT)
    assert check(ABORT_AT, at(1, 14, year=2028)) == ["warned", "aborted"]

    told = OutboxEvent.objects.get(name="launches.launch.viability_warned").payload
    assert (told["seats_on_sale"], told["seats_needed"]) == (10, 2)


def test_a_launch_whose_seats_are_all_withdrawn_is_not_viable():
    launch = make_launch()
    services.seats_withdraw(
        actor=None, launch_id=launch.pk, seat_ids=list(launch.seats.values_list("pk", flat=True)), now=NOW
    )

    assert check(WARN_AT, ABORT_AT) == ["warned", "aborted"]
    launch.refresh_from_db()
    assert launch.reason == "Not viable: 0 of 0 seats were sold, 1 would have been needed."


def test_confirming_ends_it_for_good_even_when_the_launch_is_delayed_later():
    launch = make_launch()
    check(WARN_AT)
    launch_services.launch_confirm(actor=None, launch_id=launch.pk, now=at(12, 1))
    assert check(ABORT_AT) == []
    launch_services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=DEPARTURE + timedelta(days=200),
        departure_precision="day",
        reason="A valve.",
        now=at(12, 20),
    )

    assert check(at(5, 30, year=2028), at(7, 30, year=2028)) == []
    assert state(launch) == "delayed"


def test_a_delayed_launch_that_was_never_confirmed_is_looked_at_for_its_new_date():
    launch = make_launch()
    check(WARN_AT)
    launch_services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=datetime(2028, 9, 14, 14, tzinfo=UTC),
        departure_precision="day",
        reason="A valve.",
        now=at(12, 1),
    )

    assert check(ABORT_AT, at(5, 13, year=2028)) == []
    assert check(at(5, 14, year=2028), at(5, 15, year=2028), at(6, 13, year=2028)) == ["warned"]
    assert check(at(6, 14, year=2028)) == ["aborted"]


def test_a_launch_published_late_is_warned_and_has_a_month():
    launch = make_launch(departure_at=NOW + timedelta(days=80))

    assert check(NOW, NOW + timedelta(days=20)) == ["warned"]
    assert state(launch) == "scheduled"
    assert check(NOW + timedelta(days=31)) == ["aborted"]


def test_a_launch_published_within_a_month_is_left_alone():
    launch = make_launch(departure_at=NOW + timedelta(days=25))

    assert check(NOW, NOW + timedelta(days=24), NOW + timedelta(days=26)) == []
    assert state(launch) == "scheduled"


@pytest.mark.parametrize("status", ["draft", "launched", "failed", "aborted"])
def test_only_launches_on_sale_are_looked_at(status):
    launch = make_launch(status=status, reason="x" if status == "aborted" else "")

    assert check(WARN_AT, ABORT_AT) == []
    assert state(launch) == status


def test_a_launch_without_a_minimum_is_never_called_off():
    make_launch(minimum_occupancy_percent=0)

    assert check(WARN_AT, ABORT_AT) == []


def test_a_dry_run_says_it_and_changes_nothing():
    launch = make_launch()

    report = services.viability_check(now=WARN_AT, is_dry_run=True)

    assert (report.looked_at, report.warned, report.aborted, report.failed) == (1, 1, 0, 0)
    assert state(launch) == "scheduled"
    assert launch.viability_warned_at is None
    assert not OutboxEvent.objects.exists()


def test_one_launch_that_fails_does_not_stop_the_others_whatever_the_batch(monkeypatch):
    launches = [make_launch() for _ in range(5)]
    decide = launch_services.launch_viability_decide

    def fail_on_one(*, launch_id, **arguments):
        if launch_id == launches[1].pk:
            raise RuntimeError("broken")
        return decide(launch_id=launch_id, **arguments)

    monkeypatch.setattr(launch_services, "launch_viability_decide", fail_on_one)
    monkeypatch.setattr(services.viability, "BATCH", 2)

    assert check(WARN_AT) == ["warned", "failed", "warned", "warned", "warned"]


@pytest.mark.parametrize("count", [1, 3])
def test_looking_costs_the_same_however_many_have_sold_enough(count, django_assert_num_queries):
    for _ in range(count):
        make_booking(launch=make_launch(), seats=2)

    with django_assert_num_queries(2):
        assert services.viability_check(now=WARN_AT).looked_at == count


def test_the_numbers_are_settings(settings):
    settings.VIABILITY_MONTHS, settings.VIABILITY_WARNING_MONTHS = 2, 2
    launch = make_launch()

    assert check(at(11, 13), at(11, 14), at(1, 13, year=2028), at(1, 14, year=2028)) == ["warned", "aborted"]
    assert state(launch) == "aborted"


# --- the command ------------------------------------------------------------------------------------
def test_the_command_says_what_it_does(capsys):
    launch = make_launch(departure_at=timezone.now() + timedelta(days=100))

    call_command("check_viability", "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        f"{launch.slug}: 0 of 2 needed seats sold, too few seats: supplier would be warned",
        "1 looked at, 1 warned, 0 aborted, 0 failed (dry run: nothing was changed)",
    ]
    call_command("check_viability")
    call_command("check_viability")

    assert capsys.readouterr().out.splitlines() == [
        f"{launch.slug}: 0 of 2 needed seats sold, too few seats: supplier warned",
        "1 looked at, 1 warned, 0 aborted, 0 failed",
        "0 looked at, 0 warned, 0 aborted, 0 failed",
    ]


def test_the_command_fails_when_a_launch_cannot_be_decided(monkeypatch, capsys):
    make_launch(departure_at=timezone.now() + timedelta(days=100))

    def broken(**_):
        raise RuntimeError("broken")

    monkeypatch.setattr(launch_services, "launch_viability_decide", broken)

    with pytest.raises(CommandError) as failed:
        call_command("check_viability")
    assert failed.value.returncode == 1
    assert "1 failed" in capsys.readouterr().out


# --- to the end -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_warning_reaches_the_supplier_with_what_can_be_done_and_until_when(deliver):
    member = MemberFactory()
    launch = make_launch(
        rocket=RocketFactory(supplier=member.supplier, cabin=10), departure_at=timezone.now() + timedelta(days=110)
    )
    services.viability_check(now=timezone.now())

    deliver()
    notification_services.notifications_send_due(now=timezone.now(), limit=50)

    row = Notification.objects.get(template="supplier_viability_warning")
    assert (row.receiver, row.link) == (member.user, f"/supplier/launches/{launch.pk}/")
    (found,) = mail.outbox
    decide_by = months_after(timezone.now().astimezone().date(), 1)
    assert found.subject.startswith("Sell 2 more seats or confirm: ")
    for part in ("0 of 10 seats are sold.", "2 make the launch viable, so 2 are missing.", "we abort it on"):
        assert part in found.body
    assert f"{decide_by:%B %Y}" in found.body
    assert selectors.seats_sold(launch_ids=[launch.pk]) == {launch.pk: 0}
