"""The supplier's seats: withdrawn, put back, more, fewer; never fewer than customers have."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bookings import errors, selectors, services
from bookings.models import SeatClaim
from common.models import OutboxEvent
from launches import errors as launch_errors
from launches import locks
from launches import services as launch_services
from launches.models import CabinSeat, LaunchHistory, LaunchSeat
from tests.concurrency.processes import contend
from tests.factories import NOW, LaunchFactory, MemberFactory, RocketFactory, UserFactory, make_booking, make_hold
from tests.forks import fork

pytestmark = pytest.mark.django_db


@pytest.fixture
def launch():
    return LaunchFactory()


@pytest.fixture
def owner(launch):
    return MemberFactory(supplier=launch.supplier).user


def ids(launch, *labels):
    return [launch.seats.get(label=label).pk for label in labels]


def on_sale(launch):
    return sorted(launch.seats.filter(is_blocked=False).values_list("label", flat=True))


def withdraw(launch, *labels, actor=None, now=NOW):
    return services.seats_withdraw(actor=actor, launch_id=launch.pk, seat_ids=ids(launch, *labels), now=now)


def put_back(launch, *labels, actor=None):
    return services.seats_return(actor=actor, launch_id=launch.pk, seat_ids=ids(launch, *labels), now=NOW)


def sell(launch, count, actor=None, now=NOW):
    return services.seats_on_sale_change(actor=actor, launch_id=launch.pk, count=count, now=now)


def test_withdrawn_seats_are_not_sold_and_come_back(launch, owner):
    before = selectors.offer_record(launch_id=launch.pk)

    withdraw(launch, "B1", "A1", actor=owner)
    between = selectors.offer_record(launch_id=launch.pk)
    with pytest.raises(errors.SeatsTaken, match="A1"):
        services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=ids(launch, "A1"), now=NOW)
    put_back(launch, "A1", actor=owner)
    after = selectors.offer_record(launch_id=launch.pk)

    assert [offer.seats_left for offer in (before, between, after)] == [6, 4, 5]
    assert before.version < between.version < after.version
    assert on_sale(launch) == ["A1", "A2", "A3", "B2", "B3"]
    history = LaunchHistory.objects.filter(launch=launch).order_by("pk").values_list("field", "new_value", "actor_id")
    assert list(history) == [("seats_withdrawn", "A1, B1", owner.pk), ("seats_returned", "A1", owner.pk)]
    told = OutboxEvent.objects.filter(name="launches.launch.changed").order_by("pk")
    assert [event.payload["fields"] for event in told] == [["seats_withdrawn"], ["seats_returned"]]


def test_seats_that_customers_have_are_named_and_stay(launch):
    make_booking(launch=launch)  # A1
    hold = make_hold(launch=launch)  # B1

    with pytest.raises(errors.SeatsInUse, match="A1, B1") as refusal:
        withdraw(launch, "A1", "B1", "A2")

    assert refusal.value.fields["seat_ids"].startswith("Sold, or held")
    assert len(on_sale(launch)) == 6
    launch.refresh_from_db()
    assert launch.version == 1
    withdraw(launch, "B1", now=hold.expires_at)
    assert "B1" not in on_sale(launch)
    assert hold.claims.get().status == "released"


def test_what_is_so_already_or_foreign_is_said(launch):
    withdraw(launch, "A1")
    other = LaunchFactory()

    with pytest.raises(errors.NothingToChange, match="withdrawn already"):
        withdraw(launch, "A1")
    with pytest.raises(errors.NothingToChange, match="on sale already"):
        put_back(launch, "B1")
    for seat_ids in ([], ids(other, "A1"), [2**70]):
        with pytest.raises(errors.SeatsUnknown):
            services.seats_withdraw(actor=None, launch_id=launch.pk, seat_ids=seat_ids, now=NOW)

    assert on_sale(other) == ["A1", "A2", "A3", "B1", "B2", "B3"]


def test_only_those_who_may_change_the_launch_change_its_seats(launch):
    stranger = MemberFactory().user
    gate = MemberFactory(supplier=launch.supplier, role="gate").user

    with pytest.raises(launch_errors.LaunchNotFound):
        withdraw(launch, "A1", actor=stranger)
    with pytest.raises(launch_errors.RoleForbids):
        sell(launch, 3, actor=gate)
    with pytest.raises(launch_errors.NotASupplierMember):
        put_back(launch, "A1", actor=UserFactory())

    assert len(on_sale(launch)) == 6


@pytest.mark.parametrize("status", ["draft", "aborted", "launched"])
def test_drafts_and_launches_that_are_over_are_refused(status):
    launch = LaunchFactory(status=status, reason="because")

    with pytest.raises(launch_errors.LaunchMoveRefused):
        withdraw(launch, "A1")
    with pytest.raises(launch_errors.LaunchMoveRefused):
        sell(launch, 2)

    assert len(on_sale(launch)) == 6


def test_fewer_seats_are_taken_from_the_tail_and_never_from_customers(launch):
    seat = launch.seats.get(label="B3")
    services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[seat.pk], now=NOW)
    make_booking(launch=launch)  # A1

    sell(launch, 3)
    assert on_sale(launch) == ["A1", "B1", "B3"]
    with pytest.raises(errors.SeatsOnSaleRefused, match="from 2 to 6: 2 seats are sold or held"):
        sell(launch, 1)
    sell(launch, 2)

    assert on_sale(launch) == ["A1", "B3"]
    assert selectors.offer_record(launch_id=launch.pk).seats_left == 0


def test_more_seats_come_back_first_and_then_from_the_cabin(launch):
    for number, label in enumerate(("A4", "B4", "A5")):
        CabinSeat.objects.create(
            rocket=launch.rocket, label=label, row=4 + number // 2, column=1 + number % 2, is_blocked=label == "A5"
        )
    withdraw(launch, "A1")

    sell(launch, 7)

    launch.refresh_from_db()
    assert on_sale(launch) == ["A1", "A2", "A3", "A4", "B1", "B2", "B3"]
    assert launch.seats_on_sale == 7
    assert LaunchHistory.objects.get(field="seats_on_sale").new_value == "7"
    assert selectors.offer_record(launch_id=launch.pk).seats_left == 7
    for count in (9, 0, -1):
        with pytest.raises(errors.SeatsOnSaleRefused, match="from 1 to 8"):
            sell(launch, count)
    with pytest.raises(errors.NothingToChange):
        sell(launch, 7)
    sell(launch, 8)
    assert len(on_sale(launch)) == 8


@pytest.mark.django_db(transaction=True)
def test_seats_put_back_are_offered_to_those_who_wait(deliver):
    launch = LaunchFactory(seats=2, departure_at=timezone.now() + timedelta(days=400))
    withdraw(launch, "A1", now=timezone.now())
    make_booking(launch=launch, now=timezone.now())
    entry = services.waiting_join(customer=UserFactory(), launch_id=launch.pk, party=1, now=timezone.now())

    put_back(launch, "A1")
    deliver()

    entry.refresh_from_db()
    assert entry.status == "offered"


def test_the_database_refuses_to_withdraw_a_seat_that_somebody_has(launch):
    make_booking(launch=launch)  # A1

    with pytest.raises(IntegrityError, match="seat A1 is held or sold"), transaction.atomic():
        LaunchSeat.objects.filter(launch=launch, label="A1").update(is_blocked=True)

    assert "A1" in on_sale(launch)


def withdrawn_and_claimed(launch):
    return SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"], launch_seat__is_blocked=True).count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_withdrawing_while_customers_hold_never_leaves_a_sold_withdrawn_seat():
    launch = LaunchFactory(rocket=RocketFactory(cabin=6))
    customers = [UserFactory() for _ in range(6)]
    labels = ["A1", "B1", "A2", "B2", "A3", "B3"]

    def job(number):
        if number < 6:
            return bool(
                services.seats_hold(
                    customer=customers[number], launch_id=launch.pk, seat_ids=ids(launch, labels[number]), now=NOW
                )
            )
        done = []
        for label in labels if number == 6 else reversed(labels):
            try:
                withdraw(launch, label)
                done.append(label)
            except (errors.SeatsInUse, errors.NothingToChange):
                pass
        return done

    answers = contend(count=8, job=job)

    held = {label for label, answer in zip(labels, answers[:6], strict=True) if answer is True}
    withdrawn = set(answers[6]) | set(answers[7])
    assert set(answers[:6]) <= {True, "SeatsTaken"}
    assert held | withdrawn == set(labels)
    assert held & withdrawn == set()
    assert withdrawn_and_claimed(launch) == 0


def withdraw_and_hold_without_locks(launch, monkeypatch):
    """The supplier looks, a customer holds, the supplier withdraws: what the locks forbid."""
    customer = UserFactory()
    looked, held = (fork.Event() for _ in range(2))

    def withdraw_slowly():
        look = selectors.seat_ids_taken

        def look_then_wait(**arguments):
            taken = look(**arguments)
            looked.set()
            held.wait(30)
            return taken

        monkeypatch.setattr(locks, "launch_change_lock", lambda *, launch_id: type(launch).objects.get(pk=launch_id))
        monkeypatch.setattr(
            launch_services,
            "launch_seats_lock",
            lambda *, launch_id, seat_ids: list(LaunchSeat.objects.filter(pk__in=seat_ids)),
        )
        monkeypatch.setattr(selectors, "seat_ids_taken", look_then_wait)
        try:
            return bool(withdraw(launch, "A1"))
        except IntegrityError:
            return "refused by the database"

    def hold_in_the_gap():
        looked.wait(30)
        try:
            return bool(
                services.seats_hold(customer=customer, launch_id=launch.pk, seat_ids=ids(launch, "A1"), now=NOW)
            )
        finally:
            held.set()

    return contend(count=2, job=lambda number: hold_in_the_gap() if number else withdraw_slowly())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_locks_and_trigger_a_withdrawn_seat_is_held(monkeypatch):
    launch = LaunchFactory()
    trigger = "bookings_withdrawn_seat_has_no_live_claim"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE launches_launchseat DISABLE TRIGGER {trigger}")
    try:
        answers = withdraw_and_hold_without_locks(launch, monkeypatch)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE launches_launchseat ENABLE TRIGGER {trigger}")

    assert answers == [True, True]
    assert withdrawn_and_claimed(launch) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_locks_the_trigger_alone_still_refuses(monkeypatch):
    launch = LaunchFactory()

    answers = withdraw_and_hold_without_locks(launch, monkeypatch)

    assert answers == ["refused by the database", True]
    assert withdrawn_and_claimed(launch) == 0
