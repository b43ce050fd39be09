"""Complete bookings a second, through the API: one request holds the seat, names the passenger, pays and confirms."""

from collections.abc import Iterator
from itertools import cycle
from uuid import uuid4

from django.db import connection

from bench import load, seed
from bench.load import Result
from bench.site import CLIENTS, Site

PATH = "/api/v1/customer/checkouts/"
HOT_SEATS = 500


class Bookings:
    """The measurements that need launches and customers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.fleet = seed.Fleet()
        self.tokens = [seed.token_of(user) for user in seed.customers_make(HOT_SEATS, "customer")]

    def _requests(self, launch_ids: list[int], each: int, *, with_key: bool = False) -> Iterator[bytes]:
        bodies = [seed.checkout_body(launch_id) for launch_id in launch_ids]
        people = cycle(self.tokens)
        for _ in range(each):
            for body in bodies:
                headers = [f"Idempotency-Key: {uuid4()}"] if with_key else []
                yield load.post(PATH, body, next(people), *headers)

    def warm_up(self) -> None:
        """Let every thread have done its first booking."""
        launch = self.fleet.launch(HOT_SEATS)
        load.run(port=self.site.port, requests=self._requests([launch.pk], 200), clients=CLIENTS)

    def hot(self, *, with_key: bool = False) -> Result:
        """Sell out one launch."""
        launch = self.fleet.launch(HOT_SEATS)
        requests = self._requests([launch.pk], HOT_SEATS, with_key=with_key)
        return load.run(port=self.site.port, requests=requests, clients=CLIENTS)

    def spread(self, launches: int = 200, each: int = 5) -> Result:
        """Sell seats of many launches in turn."""
        ids = [self.fleet.launch(each).pk for _ in range(launches)]
        return load.run(port=self.site.port, requests=self._requests(ids, each), clients=CLIENTS)

    def alone(self, count: int = 200) -> Result:
        """Sell seats to one client."""
        launch = self.fleet.launch(count)
        return load.run(port=self.site.port, requests=self._requests([launch.pk], count), clients=1)

    def refused(self, count: int = 1000) -> Result:
        """Refuse bookings of a launch that is sold out."""
        launch = self.fleet.launch(1)
        requests = list(self._requests([launch.pk], count + 1))
        load.run(port=self.site.port, requests=requests[:1], clients=1)
        return load.run(port=self.site.port, requests=requests[1:], clients=CLIENTS)


def oversold() -> int:
    """Count seats with more than one live claim, launches over their seats, and confirmed bookings without an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT launch_seat_id FROM bookings_seatclaim WHERE status IN ('held', 'sold')
                      GROUP BY 1 HAVING count(*) > 1) twice)
                 + (SELECT count(*) FROM launches_launch l WHERE l.seats_on_sale <
                      (SELECT count(*) FROM bookings_seatclaim c WHERE c.launch_id = l.id AND c.status = 'sold'))
                 + (SELECT count(*) FROM bookings_booking b WHERE b.status = 'confirmed' AND NOT EXISTS
                      (SELECT 1 FROM common_outboxevent e WHERE e.name = 'bookings.booking.confirmed'
                         AND (e.payload->>'booking_id')::bigint = b.id))
            """
        )
        return int(cursor.fetchone()[0])
