"""
The kills: how each part is ended, what people see while it is away, and when it is back.

docs/architecture.md (What happens when a part fails) is the promise that these look after.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from accounts.models import User
from common.models import OutboxPosition
from launches.models import Launch
from tests.factories import PASSWORD
from tests.faults.load import Load
from tests.faults.people import Answer, Cut, Person, ask
from tests.faults.settling import leases_end
from tests.faults.site import Site
from tests.faults.until import until

GIVE_UP_AFTER_S = 180  # on the busiest machine; how long it really took is noted


@dataclass
class Faults:
    """Kills parts of a site under a load, and remembers how long each was away and how long it took to come back."""

    site: Site
    load: Load
    launch: Launch
    person: Person
    choose: random.Random
    is_hurried: bool
    took_s: dict[str, list[float]] = field(default_factory=dict)
    mails_cut: int = 0
    _sign_ins: int = 0

    def customer_documents(self) -> None:
        """Kill Customer MongoDB: all goes on, from PostgreSQL; only a profile edit waits."""
        self.site.customer.kill()
        self._booking_goes_on()
        self._open("/launches/", f"/launches/{self.launch.slug}/", "/trips/", "/invoices/")
        assert self.person.call("GET", "/api/v1/customer/bookings/").status == 200
        refused = self.person.submit("/profile/", {"full_name": "Grace Newname", "phone": "", "birth_date": ""})
        assert (refused.status, "try again in a moment" in refused.text) == (503, True)
        assert "Grace Newname" in refused.text
        self.site.customer.start()
        self._note("Customer MongoDB", until(self._is_saved, "a profile can be saved", within_s=GIVE_UP_AFTER_S))

    def logs_documents(self) -> None:
        """Kill Logs MongoDB: nobody can sign in, who is signed in goes on."""
        self.site.logs.kill()
        self._booking_goes_on()
        self._open("/launches/", "/trips/", "/inbox/")
        refused = self._sign_in()
        assert (refused.status, refused.headers["retry-after"]) == (503, "3")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.body["detail"][0].isupper()
        self.site.logs.start()
        self._note("Logs MongoDB", until(lambda: self._sign_in().status == 200, "sign-in", within_s=GIVE_UP_AFTER_S))

    def postgresql(self) -> None:
        """Kill PostgreSQL: everybody is asked to come back in a moment, and the web server needs no restart."""
        self.mails_cut += 1
        self.site.postgres.kill()
        page = ask(self.site.port, "GET", "/trips/", Cookie=f"__Host-session={self.person.cookies['__Host-session']}")
        called = self.person.call("GET", "/api/v1/customer/bookings/")
        assert [answer.status for answer in (page, called)] == [503, 503]
        assert {answer.headers["retry-after"] for answer in (page, called)} == {"3"}
        assert called.headers["content-type"] == "application/problem+json"
        self.site.postgres.start()
        connection.close()
        self._note("PostgreSQL", self._until_sold())

    def mail_server(self) -> None:
        """Kill the mail server: mails wait."""
        self.mails_cut += 1
        self.site.sink.kill()
        self._booking_goes_on()
        self.site.sink.start()
        taken = self.site.sink.taken().total()
        self._note(
            "mail server", until(lambda: self.site.sink.taken().total() > taken, "a mail", within_s=GIVE_UP_AFTER_S)
        )

    def worker(self) -> None:
        """Kill the worker with all its processes: mails and documents come later."""
        self.mails_cut += 1
        self.site.kill_group(self.site.worker)
        self._booking_goes_on()
        self.site.worker.start()
        self._note("worker", self._until_delivered("the worker"))

    def worker_child(self) -> None:
        """Kill one process of the worker: the others, or a new worker, go on."""
        self.mails_cut += 1
        which = self.site.kill_child(self.site.worker, self.choose)
        self._booking_goes_on()
        self._note("one process of the worker", self._until_delivered(which))

    def web(self) -> None:
        """Kill the web server with all its processes: callers ask again with their keys."""
        self.site.kill_group(self.site.web)
        try:
            ask(self.site.port, "GET", "/launches/")
            raise AssertionError("the killed web server answered")
        except Cut:
            pass
        self.site.web_start()
        self._note("web server", self._until_sold())

    def web_child(self) -> None:
        """Kill one process of the web server: it is replaced."""
        self.site.kill_child(self.site.web, self.choose)
        self._note("one process of the web server", self._until_sold())

    # --- steps of theirs --------------------------------------------------------------------------------
    def _booking_goes_on(self) -> None:
        self._until_sold()

    def _until_sold(self) -> float:
        now = time.monotonic()

        def is_sold() -> int:
            self.site.keep()  # a web server that loses the same process twice within seconds ends as a whole
            return self.load.sold_since(now)

        return until(is_sold, "somebody can book", within_s=GIVE_UP_AFTER_S)

    def _open(self, *paths: str) -> None:
        """Open pages that nobody may find closed."""
        for path in paths:
            answer = self.person.page(path)
            assert answer.status == 200, f"{path}: {answer.status}, {answer.text[:2000]}"

    def _is_saved(self) -> bool:
        values = {"full_name": "Grace Newname", "phone": "", "birth_date": ""}
        return self.person.submit("/profile/", values).status == 303

    def _sign_in(self) -> Answer:
        """Sign in, from another address each time: one that asks as often as `until` does is asked to wait a minute."""
        self._sign_ins += 1
        person = Person(self.site.port, User(email=self.person.user.email))
        return ask(
            person.port,
            "POST",
            "/api/v1/auth/token/",
            f'{{"email": "{person.user.email}", "password": "{PASSWORD}"}}',
            source=f"127.0.0.{2 + self._sign_ins % 250}",
            Content_Type="application/json",
        )

    def _until_delivered(self, killed: str) -> float:
        """Wait until the notifications' position has moved from where it is now."""
        if self.is_hurried:
            leases_end()
        at = OutboxPosition.objects.get(consumer="notifications").event_id

        def has_moved() -> bool:
            self.site.keep()
            return OutboxPosition.objects.get(consumer="notifications").event_id > at

        return until(has_moved, f"events are delivered after {killed} was killed", within_s=GIVE_UP_AFTER_S)

    def _note(self, part: str, seconds: float) -> None:
        self.took_s.setdefault(part, []).append(seconds)


ORDER: tuple[Callable[[Faults], None], ...] = (
    Faults.customer_documents,
    Faults.mail_server,
    Faults.worker_child,
    Faults.web_child,
    Faults.logs_documents,
    Faults.worker,
    Faults.postgresql,
    Faults.web,
)
