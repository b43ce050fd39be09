"""Objects for tests, made with as little as a test does not care about; they never surprise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from bookings import services as booking_services
from bookings.models import Booking, Hold
from bookings.services import PassengerInput
from finance import services as finance_services
from launches.models import (
    CabinSeat,
    CancellationPolicy,
    Destination,
    Launch,
    LaunchSeat,
    Rocket,
    Spaceport,
    Supplier,
    SupplierMember,
)

NOW = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
PASSWORD = "a-long-enough-password"


class UserFactory(DjangoModelFactory):
    """A customer whose e-mail is confirmed."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    kind = "customer"
    email_confirmed_at = NOW

    @classmethod
    def _create(cls, model_class, *args, password=None, **kwargs):
        user = model_class(**kwargs)
        if password:
            user.set_password(password)
        user.save()
        return user


class EmployeeFactory(UserFactory):
    email = factory.Sequence(lambda n: f"employee{n}@example.com")
    kind = "employee"
    employee_role = "admin"


class SupplierFactory(DjangoModelFactory):
    class Meta:
        model = Supplier

    slug = factory.Sequence(lambda n: f"supplier-{n}")
    trade_name = factory.Sequence(lambda n: f"Supplier {n}")
    contact_email = factory.Sequence(lambda n: f"desk{n}@supplier.example")
    legal_name = "Supplier Inc."
    tax_id = "12-3456789"
    legal_address = "1 Pad Road"
    status = "approved"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = SupplierMember

    supplier = factory.SubFactory(SupplierFactory)
    user = factory.SubFactory(UserFactory, kind="supplier")
    role = "owner"


class SpaceportFactory(DjangoModelFactory):
    class Meta:
        model = Spaceport

    code = factory.Sequence(lambda n: f"port-{n}")
    name = factory.Sequence(lambda n: f"Spaceport {n}")
    country = "USA"
    latitude = Decimal("31.42")
    longitude = Decimal("-104.76")
    time_zone = "America/Chicago"


class DestinationFactory(DjangoModelFactory):
    class Meta:
        model = Destination

    code = factory.Sequence(lambda n: f"destination-{n}")
    name = factory.Sequence(lambda n: f"Destination {n}")
    required_range = "suborbital"


class PolicyFactory(DjangoModelFactory):
    class Meta:
        model = CancellationPolicy
        django_get_or_create = ("code",)

    code = "standard"
    name = "Standard"
    tiers = [{"months": 12, "percent": 90}, {"months": 3, "percent": 70}]


class RocketFactory(DjangoModelFactory):
    class Meta:
        model = Rocket
        skip_postgeneration_save = True

    supplier = factory.SubFactory(SupplierFactory)
    name = factory.Sequence(lambda n: f"Rocket {n}")
    range = "suborbital"

    @factory.post_generation
    def cabin(obj, create, extracted, **kwargs):
        for number in range(6 if extracted is None else extracted):
            row, column = divmod(number, 2)
            CabinSeat.objects.create(
                rocket=obj, label=f"{'AB'[column]}{row + 1}", row=row + 1, column=column + 1, is_window=True
            )


class LaunchFactory(DjangoModelFactory):
    """A scheduled launch with six free seats, fourteen months after NOW."""

    class Meta:
        model = Launch
        skip_postgeneration_save = True

    class Params:
        seats = 6

    rocket = factory.LazyAttribute(lambda launch: RocketFactory(cabin=launch.seats))
    supplier = factory.SelfAttribute("rocket.supplier")
    spaceport = factory.SubFactory(SpaceportFactory)
    destination = factory.SubFactory(DestinationFactory)
    cancellation_policy = factory.SubFactory(PolicyFactory)
    mission_name = factory.Sequence(lambda n: f"Mission {n}")
    slug = factory.Sequence(lambda n: f"launch-{n}")
    departure_at = datetime(2028, 3, 14, 14, 30, tzinfo=UTC)
    departure_precision = "minute"
    price_amount = Decimal(450000)
    price_currency = "USD"
    seats_on_sale = factory.SelfAttribute("seats")
    status = "scheduled"

    @factory.post_generation
    def seat_rows(obj, create, extracted, **kwargs):
        LaunchSeat.objects.bulk_create(
            LaunchSeat(launch=obj, label=s.label, row=s.row, column=s.column, is_window=s.is_window)
            for s in obj.rocket.seats.order_by("row", "column")
        )


def passenger_inputs(count: int = 1, **changes) -> list[PassengerInput]:
    """Passengers that pass every check."""
    return [
        PassengerInput(
            **{
                "full_name": f"Traveller {'ABCDEFGHIJ'[number]}",
                "email": f"traveller{number}@example.com",
                "phone": "+1 415 555 0123",
                "birth_date": datetime(1985, 6, 15, tzinfo=UTC).date(),
                **changes,
            }
        )
        for number in range(count)
    ]


def make_hold(*, launch: Launch, customer: User | None = None, seats: int = 1, now: datetime = NOW) -> Hold:
    """Seats held through the service."""
    return booking_services.seats_hold(customer=customer or UserFactory(), launch_id=launch.pk, party=seats, now=now)


def make_pending(*, launch: Launch, customer: User | None = None, seats: int = 1, now: datetime = NOW) -> Booking:
    """A booking that waits for payment."""
    hold = make_hold(launch=launch, customer=customer, seats=seats, now=now)
    return booking_services.booking_create(
        customer=hold.customer, hold_id=hold.pk, passengers=passenger_inputs(seats), now=now
    )


def card(number: str = "4242 4242 4242 4242") -> finance_services.Card:
    """A test card of the sandbox."""
    return finance_services.Card(number=number, expiry="12/30", code="123")


def make_booking(*, launch: Launch, customer: User | None = None, seats: int = 1, now: datetime = NOW) -> Booking:
    """A booking paid with a good card."""
    booking = make_pending(launch=launch, customer=customer, seats=seats, now=now)
    finance_services.booking_pay(
        customer=booking.customer, reference=booking.reference, card=card(), now=now + timedelta(minutes=1)
    )
    booking.refresh_from_db()
    return booking
