"""
A crowd at once, each a process with a connection to a real web server: who gets a seat, and how long an answer takes.

`make crowd` runs it for long; CROWD_SIZE, CROWD_SEEDS and CROWD_SEED are those of test_crowds.
"""

import random
import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from bookings import services as booking_services
from bookings.models import Booking
from finance.models import Payment, SandboxCharge
from tests.concurrency.processes import contend
from tests.concurrency.test_crowds import SEED, SEEDS, SIZE, live_claims, sold_seats
from tests.factories import LaunchFactory, UserFactory, make_booking
from tests.faults.people import Person
from tests.faults.site import running_site
from tests.kills.walks import GOOD, card_body, passengers_body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CUSTOMER = "/api/v1/customer"
SOLD_OUT = {"not_enough_seats", "seats_taken", "seats_gone", "hold_expired"}


@pytest.fixture
def site(transactional_db, postgres_server, mongo_servers):
    with running_site(postgres=postgres_server, documents=mongo_servers) as here:
        yield here


class Refused(Exception):
    """The site said no, with this code."""


class Visitor:
    """One of the crowd, with a program of theirs; keeps what each answer was and how long it took."""

    def __init__(self, port, customer, launch):
        self.person, self.launch = Person(port, customer), launch
        self.took_s, self.statuses = [], []

    def ask(self, method, path, body=None):
        """Return what was answered, asking again as long as a lock is held. Raises: Refused."""
        key = str(uuid4())
        while True:
            start = time.perf_counter()
            answer = self.person.call(method, path, body, Idempotency_Key=key)
            self.took_s.append(time.perf_counter() - start)
            self.statuses.append(answer.status)
            if answer.code in {"busy", "idempotency_key_in_use"}:
                continue
            if answer.code:
                raise Refused(answer.code)
            return answer.body if answer.text else None

    def live(self, role):
        """Hold and give back, keep a hold, book in steps, book and cancel, check out, or look; say what came of it."""
        try:
            return (self.gives_back, self.holds, self.books, self.cancels, self.checks_out, self.looks)[role % 6]()
        except Refused as refused:
            return str(refused)

    def gives_back(self):
        self.ask("DELETE", f"{CUSTOMER}/holds/{self.hold()['id']}/")
        return "gave back"

    def holds(self):
        self.hold()
        return "holds"

    def books(self):
        values = {"hold_id": self.hold()["id"], "passengers": passengers_body(1)}
        reference = self.ask("POST", f"{CUSTOMER}/bookings/", values)["reference"]
        self.ask("POST", f"{CUSTOMER}/bookings/{reference}/payment/", card_body(GOOD))
        return "confirmed"

    def cancels(self):
        reference = self.checkout()["reference"]
        quote = self.ask("POST", f"{CUSTOMER}/bookings/{reference}/cancellation-quotes/", {})
        made = self.ask("POST", f"{CUSTOMER}/bookings/{reference}/cancellation/", {"quote_id": quote["id"]})
        return made["status"]

    def checks_out(self):
        self.checkout()
        return "confirmed"

    def looks(self):
        return self.ask("GET", f"{CUSTOMER}/launches/{self.launch.pk}/") and "looked"

    def hold(self):
        return self.ask("POST", f"{CUSTOMER}/holds/", {"launch_id": self.launch.pk, "party": 1})

    def checkout(self):
        values = {"launch_id": self.launch.pk, "passengers": passengers_body(1), "payment": card_body(GOOD)}
        return self.ask("POST", f"{CUSTOMER}/checkouts/", values)


def test_a_crowd_at_the_door_of_a_real_web_server_is_sold_each_seat_once(site, record_property):
    answers, statuses, took_s = Counter(), Counter(), []

    for seed in range(SEED, SEED + SEEDS):
        launch = LaunchFactory(departure_at=timezone.now() + timedelta(days=500))
        visitors = [Visitor(site.port, UserFactory(), launch) for _ in range(SIZE)]
        roles = list(range(SIZE))
        random.Random(seed).shuffle(roles)

        def one(number, visitors=visitors, roles=roles):
            visitor = visitors[number]
            return visitor.live(roles[number]), visitor.statuses, visitor.took_s

        found = contend(count=SIZE, job=one)
        failed = [what for what in found if not isinstance(what, tuple)]
        assert not failed, failed
        ends = Counter(end for end, _, _ in found)
        answers += ends
        statuses += Counter(status for _, seen, _ in found for status in seen)
        took_s += [seconds for _, _, took in found for seconds in took]

        sold, confirmed = len(sold_seats(launch)), Booking.objects.filter(launch=launch, status="confirmed").count()
        assert set(ends) <= {"gave back", "holds", "confirmed", "cancelled", "looked"} | SOLD_OUT, f"seed {seed}"
        assert max(live_claims(launch).values(), default=0) <= 1, f"seed {seed}"
        assert sum(live_claims(launch).values()) == sold + ends["holds"], f"seed {seed}"
        assert confirmed == ends["confirmed"] == sold, f"seed {seed}"
        paid = Payment.objects.filter(booking__launch=launch, status="succeeded")
        assert paid.count() == confirmed + ends["cancelled"], f"seed {seed}"
        charges = SandboxCharge.objects.filter(key__in=[str(payment.pk) for payment in paid])
        assert charges.count() == paid.count(), f"seed {seed}"
        # And none is lost: once the holds have lapsed, the rest can be sold, to the last seat.
        booking_services.holds_expire(now=timezone.now() + timedelta(minutes=16))
        for _ in range(6 - sold):
            make_booking(launch=launch, now=timezone.now())

    assert not [status for status in statuses if status >= 500 and status != 503], statuses
    took = sorted(took_s)
    record_property(
        "table",
        f"{SEEDS} rounds of {SIZE} processes at a web server for six seats, seeds {SEED} to {SEED + SEEDS - 1}\n"
        f"{dict(answers.most_common())}\n{len(took):,} answers: {dict(sorted(statuses.items()))}\n"
        f"an answer took {took[len(took) // 2]:.2f} s (median), {took[int(len(took) * 0.95)]:.2f} s (p95), "
        f"{took[-1]:.2f} s (longest)",
    )
