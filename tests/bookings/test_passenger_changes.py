"""Who flies, after the sale: corrected or replaced, until thirty days before departure."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings import errors, selectors, services
from bookings.models import Passenger, PassengerChange
from common.errors import Forbidden
from common.models import OutboxEvent
from launches import services as launch_services
from notifications.models import Notification
from tests.factories import NOW, EmployeeFactory, LaunchFactory, SpaceportFactory, UserFactory, make_booking

pytestmark = pytest.mark.django_db
ANOTHER = {
    "full_name": "Nora Newcomer",
    "email": "nora@example.com",
    "phone": "+47 22 12 34 56",
    "birth_date": date(1999, 12, 31),
}


@pytest.fixture
def booking():
    return make_booking(launch=LaunchFactory(), seats=2)


def change(booking, values, *, now=NOW, actor=None, passenger=None, is_replacement=False):
    passenger = passenger or booking.passengers.order_by("pk").first()
    return services.passenger_change(
        actor=actor or booking.customer,
        reference=booking.reference,
        passenger_id=passenger.pk,
        values=values,
        is_replacement=is_replacement,
        now=now,
    )


def changes():
    return list(PassengerChange.objects.order_by("pk").values_list("field", "old_value", "new_value", "is_replacement"))


def test_a_correction_is_written_recorded_and_told(booking):
    version = booking.version

    change(booking, {"full_name": "  Traveller Anna ", "phone": "+1 (415) 555-0199"})

    booking.refresh_from_db()
    one = booking.passengers.order_by("pk").first()
    assert (one.full_name, one.phone, one.email) == ("Traveller Anna", "+14155550199", "traveller0@example.com")
    assert changes() == [
        ("full_name", "Traveller A", "Traveller Anna", False),
        ("phone", "+14155550123", "+14155550199", False),
    ]
    assert booking.version == version + 1
    assert booking.history.order_by("-pk").first().reason == "passenger in seat A1 corrected: name, phone"
    told = OutboxEvent.objects.get(name="bookings.booking.changed")
    assert (told.payload["fields"], told.payload["seat_labels"], told.payload["is_replacement"]) == (
        ["full_name", "phone"], ["A1"], False,
    )  # fmt: skip
    assert "Anna" not in str(told.payload)


def test_another_person_may_fly_instead(booking):
    change(booking, ANOTHER, is_replacement=True)

    one = booking.passengers.order_by("pk").first()
    assert (one.full_name, one.phone, one.birth_date) == ("Nora Newcomer", "+4722123456", date(1999, 12, 31))
    assert {(field, is_replacement) for field, _, _, is_replacement in changes()} == {
        (field, True) for field in ANOTHER
    }
    assert ("birth_date", "1985-06-15", "1999-12-31", True) in changes()
    assert booking.history.order_by("-pk").first().reason == "passenger in seat A1 replaced"


@pytest.mark.parametrize(
    ("values", "is_replacement", "field"),
    [
        ({"full_name": "12345"}, False, "full_name"),
        ({"email": "nobody"}, False, "email"),
        ({"phone": "555 0123"}, False, "phone"),
        ({"birth_date": date(2012, 1, 1)}, False, "birth_date"),
        ({"birth_date": date(1950, 1, 1)}, False, "birth_date"),
        ({**ANOTHER, "birth_date": date(2010, 3, 15)}, True, "birth_date"),
        ({"full_name": "Nora Newcomer"}, True, "email"),
    ],
)
def test_the_rules_of_a_passenger_hold_and_nothing_is_written(booking, values, is_replacement, field):
    before = list(Passenger.objects.order_by("pk").values())

    with pytest.raises(errors.PassengersInvalid) as refusal:
        change(booking, values, is_replacement=is_replacement)

    assert field in refusal.value.fields
    assert list(Passenger.objects.order_by("pk").values()) == before
    assert changes() == []
    assert not OutboxEvent.objects.filter(name="bookings.booking.changed").exists()


def test_ages_are_those_on_the_departure_date(booking):
    """The launch leaves on 14 March 2028 at the spaceport."""
    change(booking, {**ANOTHER, "birth_date": date(2010, 3, 14)}, is_replacement=True)

    assert booking.passengers.order_by("pk").first().birth_date == date(2010, 3, 14)


def test_whom_a_delay_made_too_old_still_corrects_the_phone_number(booking):
    Passenger.objects.update(birth_date=date(1957, 3, 14))  # 71 on the departure date

    change(booking, {"phone": "+1 415 555 0199"})
    with pytest.raises(errors.PassengersInvalid, match="another look"):
        change(booking, {"birth_date": date(1957, 3, 13)})

    assert [field for field, *_ in changes()] == ["phone"]


def test_what_changes_nothing_is_said_and_not_written(booking):
    with pytest.raises(errors.NothingToChange):
        change(booking, {"full_name": "Traveller A"})
    with pytest.raises(errors.NothingToChange, match="same person"):
        change(
            booking,
            {**ANOTHER, "full_name": "Traveller A", "birth_date": date(1985, 6, 15)},
            is_replacement=True,
        )

    assert changes() == []


@pytest.mark.parametrize(
    ("zone", "last", "too_late"),
    [
        # Departure 14 March 2028, 23:30 at the spaceport; thirty days before is 13 February there.
        ("America/Chicago", datetime(2028, 2, 14, 5, 59, tzinfo=UTC), datetime(2028, 2, 14, 6, 0, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2028, 2, 13, 10, 59, tzinfo=UTC), datetime(2028, 2, 13, 11, 0, tzinfo=UTC)),
        ("UTC", datetime(2028, 2, 13, 23, 59, tzinfo=UTC), datetime(2028, 2, 14, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_last_day_is_the_thirtieth_before_departure_at_the_spaceport(zone, last, too_late):
    from zoneinfo import ZoneInfo

    launch = LaunchFactory(
        spaceport=SpaceportFactory(time_zone=zone), departure_at=datetime(2028, 3, 14, 23, 30, tzinfo=ZoneInfo(zone))
    )
    booking = make_booking(launch=launch)

    with pytest.raises(errors.PassengerFixed, match="13 February 2028, 30 days before"):
        change(booking, {"email": "late@example.com"}, now=too_late)
    change(booking, {"email": "in-time@example.com"}, now=last)

    assert booking.passengers.get().email == "in-time@example.com"


def test_cancelled_passengers_and_bookings_do_not_change(booking):
    one, two = booking.passengers.order_by("pk")
    who = {"customer": booking.customer, "reference": booking.reference, "now": NOW}
    services.booking_cancel(quote_id=services.cancellation_quote(passenger_ids=[one.pk], **who).pk, **who)

    with pytest.raises(errors.PassengerFixed, match="this passenger is cancelled"):
        change(booking, {"email": "x@example.com"}, passenger=one)
    services.booking_cancel(quote_id=services.cancellation_quote(**who).pk, **who)
    with pytest.raises(errors.PassengerFixed, match="it is cancelled"):
        change(booking, {"email": "x@example.com"}, passenger=two)

    assert changes() == []


def test_a_called_off_launch_changes_nobody(booking):
    launch_services.launch_abort(actor=None, launch_id=booking.launch_id, reason="Weather", now=NOW)

    with pytest.raises(errors.PassengerFixed, match="its launch is off"):
        change(booking, {"email": "x@example.com"})


def test_others_do_not_change_it_and_support_may(booking):
    other = make_booking(launch=booking.launch)
    support = EmployeeFactory(employee_role="support")

    with pytest.raises(errors.BookingNotFound):
        change(booking, {"email": "x@example.com"}, actor=UserFactory())
    with pytest.raises(errors.PassengerNotFound):
        change(booking, {"email": "x@example.com"}, passenger=other.passengers.get())
    for role in ("finance", "it"):
        with pytest.raises(Forbidden):
            change(booking, {"email": "x@example.com"}, actor=EmployeeFactory(employee_role=role))
    change(booking, {"email": "helped@example.com"}, actor=support)

    assert PassengerChange.objects.get().actor == support
    assert booking.history.order_by("-pk").first().actor == support


@pytest.mark.django_db(transaction=True)
def test_the_trip_follows_and_customer_and_supplier_are_told(booking, deliver):
    from documents.repositories import Trips

    deliver()
    before = Trips.get(booking.pk)
    change(booking, ANOTHER, is_replacement=True)
    deliver()

    after = Trips.get(booking.pk)
    assert after.version > before.version
    assert [seat.passenger.full_name for seat in after.seats] == ["Nora Newcomer", "Traveller B"]
    assert after == selectors.trip_record(booking_id=booking.pk)
    told = Notification.objects.filter(template__endswith="booking_changed").order_by("template")
    assert [(one.template, one.receiver) for one in told] == [
        ("booking_changed", booking.customer),
        ("supplier_booking_changed", None),
    ]
    assert booking.reference in told[0].subject


def test_a_quote_asked_before_still_says_the_same(booking):
    who = {"customer": booking.customer, "reference": booking.reference}
    quote = services.cancellation_quote(now=NOW, **who)
    change(booking, ANOTHER, is_replacement=True)

    cancelled = services.booking_cancel(quote_id=quote.pk, now=NOW + timedelta(minutes=1), **who)

    assert cancelled.refund_amount == quote.refund_amount
