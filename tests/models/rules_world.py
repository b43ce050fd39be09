"""Rules of everybody else: the clock, jobs, suppliers, the waiting list, employees."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings import services
from bookings.enums import UNPAID_HOLDS, WAITING, BookingStatus, SlipStatus, WaitingStatus
from bookings.models import Booking, Hold, SlipDecision, WaitingEntry
from finance import services as finance_services
from finance.enums import RefundStatus
from finance.models import Refund
from launches import services as launch_services
from tests.models.rules_booking import anyone, nth
from tests.models.world import TICK


class WorldRules:
    """Needs what `BookingRules` needs, and `world`."""

    # --- the clock ---
    @rule(minutes=st.integers(1, 30))
    def minutes_pass(self, minutes):
        self.world.clock.now += timedelta(minutes=minutes)

    @rule(days=st.sampled_from([1, 1, 2, 8, 14, 30]))
    def days_pass(self, days):
        self.world.clock.now += timedelta(days=days)

    @precondition(lambda self: self.some(Hold, *UNPAID_HOLDS))
    @rule(n=nth, beside=st.sampled_from([-timedelta(seconds=1), -TICK, timedelta(seconds=1)]))
    def a_hold_comes_to_its_end(self, n, beside):
        """Go to just before, to the very instant (the next action comes a tick later), or just after."""
        hold = self.one(self.some(Hold, *UNPAID_HOLDS), n)
        self.world.clock.now = max(self.now, hold.expires_at + beside)

    @precondition(lambda self: self.steps > 20)
    @rule(where=anyone, beside=st.sampled_from([timedelta(days=-95), timedelta(days=-29), timedelta(minutes=1)]))
    def a_launch_comes_near(self, where, beside):
        departure = self.rows.launches[self.launches[where].pk].departure_at
        self.world.clock.now = max(self.now, departure + beside)

    # --- jobs ---
    @rule()
    def deliver_events(self):
        self.world.deliver()

    @rule()
    def seats_job(self):
        self.world.seats_job()

    @rule()
    def money_job(self):
        self.world.money_job()

    @rule()
    def lists_job(self):
        self.world.lists_job()

    @rule()
    def suppliers_job(self):
        self.world.suppliers_job()

    # --- suppliers ---
    @rule(where=anyone, days=st.sampled_from([10, 29, 30, 45, 200]))
    def a_launch_is_delayed(self, where, days):
        launch = self.rows.launches[self.launches[where].pk]
        self.act(
            launch_services.launch_delay,
            actor=None,
            launch_id=launch.pk,
            departure_at=launch.departure_at + timedelta(days=days),
            departure_precision="minute",
            reason="Weather",
        )

    @rule(where=anyone, how=st.sampled_from(["confirm", "confirm", "launched", "failed", "abort"]))
    def a_launch_moves_on(self, where, how):
        common = {"actor": None, "launch_id": self.launches[where].pk}
        if how == "confirm":
            self.act(launch_services.launch_confirm, **common)
        elif how == "launched":
            self.act(launch_services.launch_mark_launched, **common)
        elif how == "failed":
            self.act(launch_services.launch_mark_failed, **common, reason="Engine")
        elif self.steps > 12:  # before, it would leave little to look at
            self.act(launch_services.launch_abort, **common, reason="Engine")

    @rule(where=anyone, n=nth, service=st.sampled_from([services.seats_withdraw, services.seats_return]))
    def a_seat_is_withdrawn_or_returned(self, where, n, service):
        seats = [seat for seat in self.rows.seats if seat.launch_id == self.launches[where].pk]
        self.act(service, actor=None, launch_id=self.launches[where].pk, seat_ids=[self.one(seats, n).pk])

    @rule(where=anyone, count=st.integers(1, 7))
    def the_number_of_seats_changes(self, where, count):
        self.act(services.seats_on_sale_change, actor=None, launch_id=self.launches[where].pk, count=count)

    # --- slips and waiting lists ---
    @rule(where=anyone, days=st.sampled_from([30, 45, 200]), n=nth, answer=st.sampled_from(["keep", "refund", "", ""]))
    def a_far_delay_asks_and_is_answered(self, where, days, n, answer):
        """All of it at once, or it would seldom come together; without an answer the question stays open."""
        self.a_launch_is_delayed(where, days)
        self.world.deliver()
        self.watch.look()
        if answer and (asked := self.some(SlipDecision, SlipStatus.OPEN)):
            self.act(services.slip_answer, decision_id=self.one(asked, n).pk, answer=answer)

    @precondition(lambda self: self.rows.of[SlipDecision])
    @rule(n=nth, answer=st.sampled_from(["keep", "refund"]))
    def answer_a_slip(self, n, answer):
        slip = self.one(self.some(SlipDecision, SlipStatus.OPEN) or self.rows.of[SlipDecision], n)
        self.act(services.slip_answer, decision_id=slip.pk, answer=answer)

    @rule(who=anyone, where=st.integers(0, 1), party=st.integers(1, 4))
    def join_a_list(self, who, where, party):
        """Join the list of a launch with few seats left; elsewhere there is nothing to wait for."""
        taken = Counter(claim.launch_id for claim in self.watch.live_claims())
        fullest = sorted(self.launches, key=lambda one: self.rows.launches[one.pk].seats_on_sale - taken[one.pk])
        self.act(services.waiting_join, customer=self.customers[who], launch_id=fullest[where].pk, party=party)

    @rule(who=anyone, n=nth, service=st.sampled_from([services.offer_accept, services.offer_decline, None]))
    def a_seat_comes_free_for_who_waits(self, who, n, service):
        """Somebody joins the fullest launch's list, a booking there is cancelled and its seats are offered."""
        self.join_a_list(who, 0, 1)
        self.watch.look()
        if waiting := self.some(WaitingEntry, *WAITING):
            entry = self.one(waiting, 0)
            booked = [one for one in self.some(Booking, BookingStatus.CONFIRMED) if one.launch_id == entry.launch_id]
            if booked:
                self.cancel_whole(self.one(booked, n))
            self.world.deliver()
            self.world.lists_job()
            self.watch.look()
        if service is not None and (offered := self.some(WaitingEntry, WaitingStatus.OFFERED)):
            entry = self.one(offered, n)
            self.act(service, customer=self.owner(entry), entry_id=entry.pk)

    @precondition(lambda self: self.rows.of[WaitingEntry])
    @rule(
        n=nth,
        service=st.sampled_from([services.waiting_leave, services.offer_accept, services.offer_decline]),
    )
    def answer_an_offer(self, n, service):
        entry = self.one(self.some(WaitingEntry, *WAITING) or self.rows.of[WaitingEntry], n)
        self.act(service, customer=self.owner(entry), entry_id=entry.pk)

    # --- employees ---
    @rule(n=nth, cents=st.sampled_from([1, 1000, 5001]))
    def goodwill(self, n, cents):
        booking = self.one(self.some(Booking, BookingStatus.CONFIRMED) or self.rows.of[Booking], n)
        self.act(
            finance_services.refund_goodwill,
            actor=self.world.employee,
            reference=booking.reference,
            amount=Decimal(cents) / 100,
            reason="Sorry",
        )

    @precondition(lambda self: self.some(Refund, RefundStatus.FAILED))
    @rule(n=nth, by_hand=st.booleans())
    def look_at_a_refund(self, n, by_hand):
        refund = self.one(self.some(Refund, RefundStatus.FAILED), n)
        common = {"actor": self.world.employee, "refund_id": refund.pk}
        if by_hand:
            self.act(finance_services.refund_paid_by_hand, **common, note=f"transfer {refund.pk.hex[:8]}")
        else:
            self.act(finance_services.refund_retry, **common)
