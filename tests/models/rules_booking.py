"""Rules of customers: holding, naming, paying, giving up, cancelling."""

import json
from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings import services
from bookings.enums import UNPAID_HOLDS, BookingStatus, RebookingStatus
from bookings.models import Booking, Hold, Rebooking
from bookings.services import PassengerInput
from finance import services as finance_services
from finance.gateways import sandbox
from finance.models import Payment
from finance.policies import OPEN_PAYMENTS
from tests.models.world import CARDS

anyone = st.integers(0, 2)  # a customer, or a launch
nth = st.integers(0, 7)  # the n-th of what there is, counted from the latest
cards = st.integers(0, len(CARDS) - 1).map(CARDS.__getitem__)
# The older one is too old for later launches: some moves and delays do not suit.
births = st.sampled_from([date(1985, 6, 15), date(1957, 3, 10)])


def people(count, born=date(1985, 6, 15)):
    """Return passengers that pass every check."""
    return [
        PassengerInput(
            full_name=f"Traveller {'ABCDEF'[number]}", email="a@example.com", phone="+1 415 555 0123", birth_date=born
        )
        for number in range(count)
    ]


class BookingRules:
    """Needs `act`, `rows`, `now`, `customers`, `launches`, `one`, `owner`."""

    def some(self, model, *statuses):
        """Return the rows of a model in some states."""
        return [row for row in self.rows.of[model] if row.status in statuses]

    # --- holding ---
    @rule(who=anyone, where=anyone, party=st.integers(1, 6))
    def hold_the_best(self, who, where, party):
        self.act(services.seats_hold, customer=self.customers[who], launch_id=self.launches[where].pk, party=party)

    @rule(who=anyone, where=anyone, places=st.sets(st.integers(0, 5), min_size=1, max_size=4))
    def hold_chosen(self, who, where, places):
        seats = [seat.pk for seat in self.rows.seats if seat.launch_id == self.launches[where].pk]
        chosen = [seats[place] for place in sorted(places) if place < len(seats)]
        self.act(services.seats_hold, customer=self.customers[who], launch_id=self.launches[where].pk, seat_ids=chosen)

    @precondition(lambda self: self.some(Hold, *UNPAID_HOLDS))
    @rule(n=nth)
    def extend(self, n):
        hold = self.one(self.some(Hold, *UNPAID_HOLDS), n)
        self.act(services.hold_extend, customer=self.owner(hold), hold_id=hold.pk)

    @precondition(lambda self: self.some(Hold, *UNPAID_HOLDS))
    @rule(n=nth)
    def give_back(self, n):
        hold = self.one(self.some(Hold, *UNPAID_HOLDS), n)
        self.act(services.hold_release, timed=False, customer=self.owner(hold), hold_id=hold.pk)

    @precondition(lambda self: self.some(Hold, *UNPAID_HOLDS))
    @rule(n=nth, born=births)
    def name_passengers(self, n, born):
        hold = self.one(self.some(Hold, *UNPAID_HOLDS), n)
        claims = [one for one in self.watch.live_claims() if one.hold_id == hold.pk]
        self.act(
            services.booking_create,
            customer=self.owner(hold),
            hold_id=hold.pk,
            passengers=people(max(len(claims), 1), born),
        )

    # --- paying ---
    @precondition(lambda self: self.rows.of[Booking][2:])
    @rule(n=nth, card=cards)
    def pay(self, n, card):
        booking = self.one(self.some(Booking, BookingStatus.PENDING) or self.rows.of[Booking], n)
        self.act(finance_services.booking_pay, customer=self.owner(booking), reference=booking.reference, card=card)

    @rule(who=anyone, where=anyone, party=st.integers(1, 4), card=cards, born=births)
    def check_out(self, who, where, party, card, born):
        self.act(
            finance_services.checkout,
            customer=self.customers[who],
            launch_id=self.launches[where].pk,
            passengers=people(party, born),
            card=card,
        )

    @precondition(lambda self: self.some(Payment, *OPEN_PAYMENTS))
    @rule(n=nth, code=st.sampled_from([sandbox.CHALLENGE_CODE, "000000"]), gives_up=st.booleans())
    def answer_the_bank(self, n, code, gives_up):
        payment = self.one(self.some(Payment, *OPEN_PAYMENTS), n)
        booking = next(one for one in self.rows.of[Booking] if one.pk == payment.booking_id)
        if payment.rebooking_id is not None:
            how = {"customer": self.owner(booking), "rebooking_id": payment.rebooking_id}
            abandon = finance_services.rebooking_payment_abandon
            answer = finance_services.rebooking_challenge_answer
        else:
            how = {"customer": self.owner(booking), "reference": booking.reference}
            abandon, answer = finance_services.payment_abandon, finance_services.payment_challenge_answer
        if gives_up:
            self.act(abandon, **how)
        else:
            self.act(answer, **how, code=code)

    @precondition(lambda self: self.rows.charges)
    @rule(n=nth, message=st.integers(0, 1))
    def a_callback_comes(self, n, message):
        charge = self.one(self.rows.charges, n)
        said = {
            "id": f"{charge.key}.{message}",
            "kind": "charge.paid",
            "reference": charge.reference,
            "key": charge.key,
        }
        headers, body = sandbox.callback_signed(body=json.dumps(said).encode(), now=self.now)
        self.act(finance_services.callback_receive, name="sandbox", headers=headers, body=body)

    @precondition(lambda self: self.some(Booking, BookingStatus.PENDING))
    @rule(n=nth)
    def give_the_booking_up(self, n):
        booking = self.one(self.some(Booking, BookingStatus.PENDING), n)
        self.act(finance_services.booking_give_up, customer=self.owner(booking), reference=booking.reference)

    # --- changing one's mind ---
    @rule(n=nth, only=st.none() | nth)
    def ask_for_a_quote(self, n, only):
        booking = self.one(self.some(Booking, BookingStatus.CONFIRMED) or self.rows.of[Booking], n)
        in_it = self.rows.passengers_of(booking)
        chosen = [self.one(in_it, only).pk] if only is not None and in_it else []
        self.act(
            services.cancellation_quote,
            customer=self.owner(booking),
            reference=booking.reference,
            passenger_ids=chosen,
        )

    @precondition(lambda self: self.rows.quotes)
    @rule(n=nth)
    def cancel(self, n):
        quote = self.one(self.rows.quotes, n)
        booking = next(one for one in self.rows.of[Booking] if one.pk == quote.booking_id)
        self.act(services.booking_cancel, customer=self.owner(booking), reference=booking.reference, quote_id=quote.pk)

    def cancel_whole(self, booking):
        """Cancel a booking as its customer does: a quote, and then what it says."""
        common = {"customer": self.owner(booking), "reference": booking.reference}
        quote = self.act(services.cancellation_quote, **common, passenger_ids=[])
        if quote is not None:
            self.act(services.booking_cancel, **common, quote_id=quote.pk)

    @rule(n=nth, who=nth, born=births, is_replacement=st.booleans())
    def change_a_passenger(self, n, who, born, is_replacement):
        booking = self.one(self.some(Booking, BookingStatus.CONFIRMED) or self.rows.of[Booking], n)
        passenger = self.one([one for one in self.rows.passengers if one.booking_id == booking.pk], who)
        values = {"full_name": f"Other {'ABCDEFGH'[who]}", "email": "b@example.com", "phone": "+1 415 555 0199"}
        self.act(
            services.passenger_change,
            actor=self.owner(booking),
            reference=booking.reference,
            passenger_id=passenger.pk,
            values={**values, "birth_date": born},
            is_replacement=is_replacement,
        )

    @rule(n=nth, who=nth, place=nth)
    def change_a_seat(self, n, who, place):
        booking = self.one(self.some(Booking, BookingStatus.CONFIRMED) or self.rows.of[Booking], n)
        passenger = self.one([one for one in self.rows.passengers if one.booking_id == booking.pk], who)
        seats = [seat for seat in self.rows.seats if seat.launch_id == booking.launch_id]
        self.act(
            services.seat_change,
            actor=self.owner(booking),
            reference=booking.reference,
            passenger_id=passenger.pk,
            seat_id=self.one(seats, place).pk,
        )

    # --- moving to another launch ---
    @rule(n=nth, where=nth, place=st.none() | nth, card=st.none() | cards)
    def open_a_move(self, n, where, place, card):
        """Choose the other launch; with a card it is done at once, without one it waits."""
        booking = self.one(self.some(Booking, BookingStatus.CONFIRMED) or self.rows.of[Booking], n)
        launch = self.one([one for one in self.launches if one.pk != booking.launch_id], where)
        seats = [seat.pk for seat in self.rows.seats if seat.launch_id == launch.pk]
        people_in = len(self.rows.passengers_of(booking))
        chosen = [] if place is None else list({self.one(seats, place + step) for step in range(people_in)})
        move = self.act(
            services.rebooking_open,
            customer=self.owner(booking),
            reference=booking.reference,
            launch_id=launch.pk,
            seat_ids=chosen,
        )
        if move is not None and card is not None:
            self._do(move, card)

    @precondition(lambda self: self.rows.of[Rebooking])
    @rule(n=nth, card=cards)
    def do_the_move(self, n, card):
        self._do(self.one(self.some(Rebooking, RebookingStatus.OPEN) or self.rows.of[Rebooking], n), card)

    def _do(self, move, card):
        customer = next(self.owner(one) for one in self.rows.of[Booking] if one.pk == move.booking_id)
        if move.new_price_amount > move.old_price_amount:
            self.act(finance_services.rebooking_pay, customer=customer, rebooking_id=move.pk, card=card)
        else:
            self.act(services.rebooking_confirm, customer=customer, rebooking_id=move.pk)

    @precondition(lambda self: self.rows.of[Rebooking])
    @rule(n=nth)
    def give_the_move_up(self, n):
        move = self.one(self.rows.of[Rebooking], n)
        customer = next(self.owner(one) for one in self.rows.of[Booking] if one.pk == move.booking_id)
        self.act(services.rebooking_give_up, customer=customer, rebooking_id=move.pk)
