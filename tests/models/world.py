"""The world of the model: a clock of its own, a few small launches and customers, and what happens by itself."""

import logging
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import mock

from django.apps import apps
from django.db import connection
from django.utils import timezone

from bookings import services as booking_services
from common import outbox, outbox_delivery
from common.errors import Busy, DomainError
from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from finance import services as finance_services
from finance.gateways.sandbox import TEST_CARDS
from tests.factories import (
    NOW,
    DestinationFactory,
    EmployeeFactory,
    LaunchFactory,
    RocketFactory,
    SpaceportFactory,
    SupplierFactory,
    UserFactory,
    make_booking,
)

CONSUMERS = ("bookings", "finance")  # documents, mails and audit have tests of their own and would only take time
EMPTIED = ("accounts", "bookings", "finance", "launches")
TICK = timedelta(microseconds=1)
CARDS = [
    finance_services.Card(number=one.number, expiry="12/99", code="123")
    # The one that pays stands first and twice: most rules need something that is paid.
    for one in (TEST_CARDS[0], *TEST_CARDS)
]


class Clock:
    """The only clock that the services, the handlers and the sandbox see."""

    def __init__(self) -> None:
        self.now = NOW

    def read(self) -> datetime:
        """Stand in for Django's clock."""
        return self.now

    def tick(self) -> datetime:
        """Let no two actions have the same instant, so that their order is always known."""
        self.now += TICK
        return self.now


class _Errors(logging.Handler):
    """Keeps what jobs log and pass over: in the model nothing may fail unseen."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


class World:
    """Three launches that a booking can move between, one elsewhere, three customers of whom one is a VIP."""

    def __init__(self) -> None:
        _empty()
        self.clock = Clock()
        self.errors = _Errors()
        self._undo = ExitStack()
        self._undo.enter_context(mock.patch.object(timezone, "now", self.clock.read))
        self._undo.enter_context(outbox.deferred())
        for name in ("bookings", "finance", "launches", "common"):
            logger = logging.getLogger(name)
            logger.addHandler(self.errors)
            self._undo.callback(logger.removeHandler, self.errors)
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self) -> None:
        supplier, destination, port = SupplierFactory(), DestinationFactory(), SpaceportFactory()
        self.launches = [
            LaunchFactory(
                rocket=RocketFactory(cabin=seats, supplier=supplier),
                seats_on_sale=seats,
                destination=destination,
                spaceport=port,
                departure_at=departure,
                price_amount=Decimal(price),
            )
            for seats, departure, price in (
                (3, datetime(2028, 1, 20, 14, 30, tzinfo=UTC), "100.01"),
                (4, datetime(2027, 5, 31, 23, 0, tzinfo=UTC), "250.00"),
                (6, datetime(2028, 2, 29, 3, 0, tzinfo=UTC), "99.99"),
            )
        ]
        self.customers = [UserFactory() for _ in range(3)]
        self.employee = EmployeeFactory()
        elsewhere = LaunchFactory(seats=3)
        for _ in range(2):
            make_booking(launch=elsewhere, customer=self.customers[0], now=self.clock.tick())
        self.clock.now += timedelta(hours=1)

    def close(self) -> None:
        """Give the real clock and the loggers back."""
        self._undo.close()

    def act(self, service, **values):
        """Call a service; a refusal is an answer, Busy is not: nobody else is at work here."""
        try:
            return service(**values)
        except Busy:
            raise
        except DomainError:
            return None

    # --- what happens by itself ---
    def deliver(self) -> None:
        """Deliver events as the worker does, until there are none."""
        while sum(outbox_delivery.deliver(consumer=consumer) for consumer in CONSUMERS):
            self.clock.tick()

    def is_quiet(self) -> bool:
        """Whether every event was heard."""
        reached = dict(OutboxPosition.objects.filter(consumer__in=CONSUMERS).values_list("consumer", "event_id"))
        latest = OutboxEvent.objects.order_by("-xid", "-pk").values_list("pk", flat=True).first()
        return all(reached.get(consumer) == latest for consumer in CONSUMERS)

    def failures(self) -> list[str]:
        """Return what failed in handlers and jobs, which go on with the next thing."""
        return [*self.errors.said, *OutboxFailure.objects.values_list("error", flat=True)]

    def seats_job(self) -> None:
        """Clear lapsed holds and moves away, warn of others."""
        now = self.clock.tick()
        booking_services.holds_warn(now=now)
        booking_services.holds_expire(now=now)
        booking_services.rebookings_expire(now=now)

    def money_job(self) -> None:
        """Find out about payments, send refunds."""
        now = self.clock.tick()
        finance_services.sandbox_callbacks_send(now=now)
        finance_services.payments_settle(now=now)
        finance_services.callbacks_settle(now=now)
        finance_services.refunds_send_due(now=now)

    def lists_job(self) -> None:
        """Serve waiting lists; remind of slips and close them."""
        now = self.clock.tick()
        booking_services.waiting_lists_serve(now=now)
        booking_services.slips_remind(now=now)
        booking_services.slips_lapse(now=now)

    def suppliers_job(self) -> None:
        """Judge viability, settle launches, pay suppliers out."""
        now = self.clock.tick()
        booking_services.viability_check(now=now)
        finance_services.launches_settle_due(now=now)
        finance_services.payouts_send_due(now=now)

    def settle(self) -> None:
        """Let three hours pass with every job at work: then nothing may be open that depends on us."""
        for _ in range(6):
            self.clock.now += timedelta(minutes=30)
            self.seats_job()
            self.money_job()
            self.lists_job()
            self.deliver()


def _empty() -> None:
    """Begin anew; by hand, for Django's flush takes longer than an example."""
    models = [model for label in EMPTIED for model in apps.get_app_config(label).get_models()]
    tables = {model._meta.db_table for model in (*models, OutboxEvent, OutboxFailure, OutboxPosition)}
    quoted = ", ".join(connection.ops.quote_name(name) for name in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY CASCADE")
