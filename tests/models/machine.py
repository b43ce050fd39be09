"""The state machine: rules from two files, one world, one watch."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from finance import services as finance_services
from finance.models import MoneyReconciliationRun
from tests.models.rules_booking import BookingRules, people
from tests.models.rules_world import WorldRules
from tests.models.watch import Watch
from tests.models.world import CARDS, World

TAKEN: Counter[str] = Counter()  # steps, examples, and how often a service did what it was asked


class BookingMachine(BookingRules, WorldRules, RuleBasedStateMachine):
    """Booking, payment, slips, waiting lists and time against the real services on the real database."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False
        self.steps = 0
        self.world = World()
        self.customers, self.launches = self.world.customers, self.world.launches
        self.watch = Watch(self.world)
        TAKEN["examples"] += 1

    @property
    def now(self):
        return self.world.clock.now

    @property
    def rows(self):
        return self.watch.rows

    def one(self, rows, n):
        """Return the n-th, the latest first, counted in a circle."""
        return rows[-1 - n % len(rows)]

    def owner(self, row):
        """Return the customer of a row."""
        return next(one for one in self.customers if one.pk == row.customer_id)

    def act(self, service, *, timed=True, **values):
        """Call a service at the model's instant; what it refuses is fine, what it breaks is not."""
        now = self.world.clock.tick()
        try:
            made = self.world.act(service, **values, **({"now": now} if timed else {}))
        except BaseException:
            self.is_broken = True
            raise
        TAKEN[f"{service.__name__} {'refused' if made is None else 'done'}"] += 1
        return made

    @initialize(second=st.integers(1, 4))
    def two_have_booked(self, second):
        """Begin with a launch that is sold out and one that is not: else half of the rules have nothing to do."""
        for who, where, party in ((1, 0, 3), (2, 1, second)):
            self.act(
                finance_services.checkout,
                customer=self.customers[who],
                launch_id=self.launches[where].pk,
                passengers=people(party),
                card=CARDS[0],
            )

    @invariant()
    def all_is_well(self):
        self.steps += 1
        TAKEN["steps"] += 1
        try:
            self.watch.look()
        except BaseException:
            self.is_broken = True
            raise

    def teardown(self):
        try:
            if not self.is_broken:
                self._come_to_rest()
        finally:
            self.world.close()

    def _come_to_rest(self):
        """Let everything be settled; then not a cent may be unexplained, and reconciliation has nothing to say."""
        self.world.settle()
        self.watch.look()
        self.watch.nothing_is_open()
        run = finance_services.money_reconcile(now=self.now, day=None, is_dry_run=True)
        found = MoneyReconciliationRun.objects.get(pk=run.pk).findings
        assert not found, found
