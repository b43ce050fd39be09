"""Events delivered a second to each consumer, and how soon after its commit: `python -m bench.events [bookings]`."""

import json
import logging
import os
import sys
import time
from datetime import datetime
from typing import Any

BOOKINGS = 1000
LAUNCHES = 20
WOKEN = 60  # events whose way to the consumers is timed, with a worker that has nothing else to do
WITHIN_S = 60


def measure(*, bookings: int = BOOKINGS) -> list[tuple[str, str]]:
    """
    Make so many bookings and deliver their events to one consumer after the other, by one process.

    Needs Django set up on a scratch site. Returns: rows of a table, what and figure.
    """
    from common import outbox_consumers, outbox_delivery
    from common.models import OutboxEvent

    _book(bookings)
    rows = [("events of bookings", f"{OutboxEvent.objects.count():,} of {bookings:,}")]
    for consumer in outbox_consumers.consumers():
        started = time.perf_counter()
        count = outbox_delivery.deliver(consumer=consumer)
        rows.append((f"{consumer}, events a second", f"{count / (time.perf_counter() - started):,.0f}"))
    started, count = time.perf_counter(), 0
    while done := outbox_delivery.deliver_all():
        count += done
    if count:
        rows.append(
            ("what handlers told on the way, to all consumers", f"{count / (time.perf_counter() - started):,.0f}")
        )
    return rows


def waits(*, events: int = WOKEN) -> list[tuple[str, str]]:
    """Commit events one by one while a worker runs, and time how long each takes to reach all consumers."""
    from django.db import connection

    found: list[float] = []
    for number in range(events + 1):
        committed_at, event_id = _tell(number)
        deadline = time.monotonic() + WITHIN_S
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT min(event_id), clock_timestamp() FROM common_outboxposition")
                reached, now = cursor.fetchone()
            if reached >= event_id:
                break
            if time.monotonic() > deadline:
                raise RuntimeError(f"Event {event_id} was not delivered within {WITHIN_S} seconds.")
            time.sleep(0.005)
        if number:  # the first waits for the worker to be up
            found.append((now - committed_at).total_seconds() * 1000)
    found.sort()
    return [
        (f"commit to the last consumer, {name}, ms", f"{found[min(int(events * part), events - 1)]:,.0f}")
        for name, part in (("median", 0.5), ("95 %", 0.95), ("longest", 1))
    ]


def _tell(number: int) -> tuple[datetime, int]:
    from django.db import connection, transaction

    from common import events, outbox

    with transaction.atomic():
        outbox.publish(events.EventRetried(event_id=number, event="bench", consumer="bench"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), max(id) FROM common_outboxevent")
        committed_at, event_id = cursor.fetchone()
    return committed_at, event_id


def _book(count: int) -> None:
    from bench.seed import Fleet, checkout_body, customers_make
    from common import clock, outbox
    from common.web.api import read_input
    from finance import services
    from finance.api.checkout import CheckoutInput, PassengerInput, means_read

    fleet, people = Fleet(), customers_make(count, "reader")
    launches = [fleet.launch(-(-count // LAUNCHES)) for _ in range(LAUNCHES)]
    with outbox.deferred():
        for number, person in enumerate(people):
            launch = launches[number % LAUNCHES]
            given: dict[str, Any] = read_input(CheckoutInput, json.loads(checkout_body(launch.pk)))
            services.checkout(
                customer=person,
                launch_id=launch.pk,
                passengers=[PassengerInput(**one) for one in given["passengers"]],
                card=means_read(given["payment"]),
                now=clock.now(),
            )


def main(arguments: list[str]) -> None:
    """Measure on a site of its own and print the table."""
    from bench.site import site

    with site() as here:
        os.environ.update(here.env)
        import django

        django.setup()
        from django.db import connections

        logging.disable(logging.WARNING)
        try:
            rows = measure(bookings=int(arguments[0]) if arguments else BOOKINGS)
            here.worker_start()
            rows += waits()
        finally:
            here.worker_stop()
            connections.close_all()
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name.ljust(width)}  {figure:>16}")


if __name__ == "__main__":
    main(sys.argv[1:])
