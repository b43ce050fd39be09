"""Customers who book without pause: each booking has a key, and is asked for with it until there is an answer."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from accounts.models import User
from common.models import OutboxEvent
from launches.models import Launch
from tests.faults.people import Answer, Cut, Person
from tests.faults.until import pause
from tests.kills.walks import GOOD, card_body, passengers_body

PATH = "/api/v1/customer/checkouts/"
ANSWERED_WITHIN_S = 180
RUNNING = "idempotency_key_in_use"


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A booking that was acknowledged: status 201."""

    key: str
    customer_id: int
    launch_id: int
    reference: str
    asked_at: float
    answered_at: float  # monotonic seconds, both


class Load:
    """So many clients at once; each books a seat, waits `pause_s` seconds at the most, and books the next one."""

    def __init__(
        self,
        *,
        port: int,
        customers: Sequence[User],
        launches: Sequence[Launch],
        clients: int,
        pause_s: float,
        seed: int,
    ) -> None:
        self.sales: list[Sale] = []
        self.refusals: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.broken: list[str] = []  # answers that must not be
        self.began_after = 0  # the latest event before it
        self._port = port
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        # Four seats of a launch are all that a customer may have.
        self._wanted = ((customer, launch) for launch, _, customer in itertools.product(launches, range(4), customers))
        self._threads = [
            threading.Thread(target=self._book, args=(random.Random(f"{seed}/{number}"),), daemon=True)
            for number in range(clients)
        ]

    def start(self) -> None:
        self.began_after = OutboxEvent.objects.latest("pk").pk
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new, and wait until all that was begun is answered."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(ANSWERED_WITHIN_S + 60)
        assert not any(thread.is_alive() for thread in self._threads), "a client still waits for its answer"

    def sold_since(self, instant: float) -> int:
        """How many bookings were asked for after the instant (monotonic) and acknowledged."""
        assert not self.broken, self.broken
        return sum(sale.asked_at > instant for sale in self.sales)

    def _book(self, choose: random.Random) -> None:
        while not self._is_over.is_set():
            with self._lock:
                wanted = next(self._wanted, None)
            if wanted is None:
                self.broken.append("the load ran out of seats: give it more launches")
                return
            try:
                self._book_one(*wanted)
            except Exception as error:  # a thread would end unheard
                self.broken.append(repr(error))
            pause(choose.uniform(0, self._pause_s))

    def _book_one(self, customer: User, launch: Launch) -> None:
        person, key, asked_at = Person(self._port, customer), str(uuid4()), time.monotonic()
        body = {"launch_id": launch.pk, "passengers": passengers_body(1), "payment": card_body(GOOD)}
        while time.monotonic() - asked_at < ANSWERED_WITHIN_S:
            answer = self._try(person, key, body)
            if answer is None or answer.status == 503 or answer.code == RUNNING:
                pause(0.25)
            elif answer.status == 201:
                reference = answer.body["reference"]
                self.sales.append(
                    Sale(
                        key=key,
                        customer_id=customer.pk,
                        launch_id=launch.pk,
                        reference=reference,
                        asked_at=asked_at,
                        answered_at=time.monotonic(),
                    )
                )
                return
            elif answer.status < 500:
                self.refusals[answer.code] += 1
                return
            else:
                self.broken.append(f"{answer.status} {answer.text[:300]}")
                pause(0.25)
        self.broken.append(f"no answer to {key} within {ANSWERED_WITHIN_S} s")

    def _try(self, person: Person, key: str, body: object) -> Answer | None:
        try:
            answer = person.call("POST", PATH, body, Idempotency_Key=key)
        except Cut:
            self.tries["cut"] += 1
            return None
        self.tries[answer.code or str(answer.status)] += 1
        return answer
