"""Another seat of the same launch: taken and freed in one move, never sold twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bookings import errors, selectors, services
from bookings.models import PassengerChange, SeatClaim
from common.models import OutboxEvent
from tests.concurrency.processes import contend
from tests.factories import NOW, LaunchFactory, UserFactory, make_booking, make_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking():
    return make_booking(launch=LaunchFactory(), seats=2)  # A1 and B1 of A1 to B3


def move(booking, label="A3", *, now=NOW, actor=None, index=0):
    return services.seat_change(
        actor=actor or booking.customer,
        reference=booking.reference,
        passenger_id=booking.passengers.order_by("pk")[index].pk,
        seat_id=booking.launch.seats.get(label=label).pk,
        now=now,
    )


def seated(launch):
    """Who has which seat, as claims say it and as passengers say it."""
    claims = SeatClaim.objects.filter(launch=launch, status="sold").select_related("launch_seat", "passenger")
    found = {claim.launch_seat.label: claim.passenger for claim in claims}
    assert {label: one.seat_label for label, one in found.items()} == {label: label for label in found}
    return {label: one.full_name for label, one in found.items()}


def test_a_free_seat_is_taken_and_the_old_one_freed(booking):
    offer, version = selectors.offer_record(launch_id=booking.launch_id), booking.version

    move(booking, "A3")

    booking.refresh_from_db()
    assert seated(booking.launch) == {"A3": "Traveller A", "B1": "Traveller B"}
    assert selectors.seat_ids_taken(launch_id=booking.launch_id, now=NOW) == {
        booking.launch.seats.get(label=label).pk for label in ("A3", "B1")
    }
    assert PassengerChange.objects.values_list("field", "old_value", "new_value").get() == ("seat", "A1", "A3")
    assert (booking.version, booking.price_amount) == (version + 1, 900000)
    assert booking.history.order_by("-pk").first().reason == "seat A1 changed to A3"
    freed = OutboxEvent.objects.get(name="bookings.seats.freed").payload
    assert (freed["launch_id"], freed["seat_labels"]) == (booking.launch_id, ["A1"])
    after = selectors.offer_record(launch_id=booking.launch_id)
    assert (after.seats_left, after.version > offer.version) == (4, True)
    assert make_hold(launch=booking.launch, seats=4)


def test_two_of_one_booking_exchange_their_seats(booking):
    move(booking, "B1")

    assert seated(booking.launch) == {"B1": "Traveller A", "A1": "Traveller B"}
    assert PassengerChange.objects.count() == 2
    assert booking.history.order_by("-pk").first().reason == "seats A1 and B1 exchanged"
    told = OutboxEvent.objects.get(name="bookings.booking.changed").payload
    assert (len(told["passenger_ids"]), told["seat_labels"]) == (2, ["B1", "A1"])
    assert not OutboxEvent.objects.filter(name="bookings.seats.freed").exists()


def test_seats_that_somebody_has_are_refused(booking):
    launch = booking.launch
    services.seats_hold(
        customer=UserFactory(), launch_id=launch.pk, seat_ids=[launch.seats.get(label="A2").pk], now=NOW
    )
    launch.seats.filter(label="B2").update(is_blocked=True)
    make_booking(launch=launch)  # the best free one: A3

    for label in ("A2", "B2", "A3"):
        with pytest.raises(errors.SeatsTaken, match=f"Seat {label} is taken. Traveller A keeps seat A1"):
            move(booking, label)

    assert seated(launch) == {"A1": "Traveller A", "B1": "Traveller B", "A3": "Traveller A"}
    assert not PassengerChange.objects.exists()


def test_the_seat_of_a_lapsed_hold_can_be_had(booking):
    launch = booking.launch
    seat = launch.seats.get(label="A2")
    hold = services.seats_hold(customer=UserFactory(), launch_id=launch.pk, seat_ids=[seat.pk], now=NOW)

    move(booking, "A2", now=hold.expires_at)

    assert seated(launch) == {"A2": "Traveller A", "B1": "Traveller B"}
    assert hold.claims.get().status == "released"


def test_wrong_seats_and_passengers_are_named(booking):
    other = LaunchFactory()
    who = {"actor": booking.customer, "reference": booking.reference, "now": NOW}
    passenger = booking.passengers.order_by("pk").first()

    with pytest.raises(errors.SeatsUnknown):
        services.seat_change(passenger_id=passenger.pk, seat_id=other.seats.first().pk, **who)
    with pytest.raises(errors.SeatsUnknown):
        services.seat_change(passenger_id=passenger.pk, seat_id=2**70, **who)
    with pytest.raises(errors.PassengerNotFound):
        services.seat_change(passenger_id=0, seat_id=other.seats.first().pk, **who)
    with pytest.raises(errors.NothingToChange, match="has seat A1 already"):
        move(booking, "A1")
    with pytest.raises(errors.BookingNotFound):
        move(booking, "A3", actor=UserFactory())

    assert seated(booking.launch) == {"A1": "Traveller A", "B1": "Traveller B"}


def test_seats_change_until_thirty_days_before_departure(booking):
    move(booking, "A3", now=datetime(2028, 2, 13, 12, tzinfo=UTC))
    with pytest.raises(errors.PassengerFixed):
        move(booking, "A2", now=datetime(2028, 2, 14, 12, tzinfo=UTC))

    assert seated(booking.launch)["A3"] == "Traveller A"


def test_a_changed_seat_is_cancelled_and_refunded_like_the_first(booking):
    move(booking, "A3")
    one = booking.passengers.order_by("pk").first()
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}
    quote = services.cancellation_quote(passenger_ids=[one.pk], **who)

    services.booking_cancel(quote_id=quote.pk, **who)

    assert quote.lines[0]["seat"] == "A3"
    assert seated(booking.launch) == {"B1": "Traveller B"}


@pytest.mark.django_db(transaction=True)
def test_the_trip_and_the_waiting_list_follow(booking, deliver):
    from documents.repositories import Trips

    launch = booking.launch
    booking_rest = make_booking(launch=launch, seats=3)
    waiting = UserFactory()
    free = next(label for label in ("A2", "B2", "A3", "B3") if label not in seated(launch))
    entry = services.waiting_join(customer=waiting, launch_id=launch.pk, party=2, now=NOW)
    deliver()

    move(booking, free)
    deliver()

    entry.refresh_from_db()
    assert entry.status == "waiting"  # one seat taken, one freed: still one for a party of two
    assert Trips.get(booking.pk).seats[0].label in (free, "B1")
    assert {seat.label for seat in Trips.get(booking.pk).seats} == {free, "B1"}
    assert booking_rest.passengers.count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_same_other_seat_one_gets_it():
    launch = LaunchFactory(seats=12)
    bookings = [make_booking(launch=launch) for _ in range(6)]
    wanted = launch.seats.exclude(claims__status="sold").order_by("pk").first()
    newcomers = [UserFactory() for _ in range(2)]

    def job(number):
        if number >= 6:
            return bool(
                services.seats_hold(customer=newcomers[number - 6], launch_id=launch.pk, seat_ids=[wanted.pk], now=NOW)
            )
        return bool(move(bookings[number], wanted.label))

    answers = contend(count=8, job=job)

    live = SeatClaim.objects.filter(launch=launch, status__in=["held", "sold"])
    assert answers.count(True) == 1
    assert set(answers) == {True, "SeatsTaken"}
    assert live.filter(launch_seat=wanted).count() == 1
    assert live.filter(status="sold").count() == 6
    assert len(seated(launch)) == 6


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_crossing_changes_neither_hang_nor_double_a_seat():
    """Each wants where the other sits or just left; locks by id, so nobody waits in a circle."""
    launch = LaunchFactory(seats=4)
    booking = make_booking(launch=launch, seats=2)
    other = make_booking(launch=launch)
    labels = ["A1", "B1", "A2", "B2"]

    def job(number):
        done = []
        for step in range(8):
            target = labels[(number + step) % 4]
            try:
                move(other if number % 2 else booking, target, index=0 if number % 2 else step % 2)
                done.append(target)
            except (errors.SeatsTaken, errors.NothingToChange):
                pass
        return len(done)

    answers = contend(count=4, job=job)

    assert all(isinstance(answer, int) or answer == "Busy" for answer in answers)
    assert len(seated(launch)) == 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(n) FROM (SELECT count(*) n FROM bookings_seatclaim WHERE status IN ('held', 'sold') "
            "GROUP BY launch_seat_id) s"
        )
        assert cursor.fetchone() == (1,)


def test_an_hour_old_change_is_still_there_after_another(booking):
    move(booking, "A3")
    move(booking, "A1", now=NOW + timedelta(hours=1))

    assert seated(booking.launch) == {"A1": "Traveller A", "B1": "Traveller B"}
    history = SeatClaim.objects.filter(passenger=None).count(), SeatClaim.objects.filter(status="released").count()
    assert history == (2, 2)
