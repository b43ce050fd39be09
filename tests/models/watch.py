"""What must be true after every step, whatever was done before."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import product

from django.conf import settings
from django.db.models import Sum

from bookings import policies, selectors
from bookings.enums import BookingStatus, ClaimStatus, HoldStatus, RebookingStatus, WaitingStatus
from bookings.models import (
    Booking,
    CancellationQuote,
    Hold,
    Passenger,
    Rebooking,
    SeatClaim,
    SlipDecision,
    WaitingEntry,
)
from finance.enums import InvoiceKind, PaymentStatus, RefundStatus
from finance.models import Invoice, LedgerEntry, Payment, Refund, SandboxCharge, SandboxRefund, SupplierStatement
from finance.policies import OPEN_PAYMENTS, PAYMENT_MOVES, REFUND_MOVES
from launches.models import Launch, LaunchSeat

ZERO = Decimal(0)
KEPT = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)
PAID = (PaymentStatus.SUCCEEDED, PaymentStatus.LATE)
HOLD_MOVES = {  # written down nowhere else: a hold's status follows what its booking or move does
    HoldStatus.OPEN: {HoldStatus.USED, HoldStatus.SOLD, HoldStatus.RELEASED, HoldStatus.EXPIRED},
    HoldStatus.USED: {HoldStatus.SOLD, HoldStatus.RELEASED, HoldStatus.EXPIRED},
    HoldStatus.RELEASED: {HoldStatus.SOLD},  # paid late, and the seats were still free
    HoldStatus.EXPIRED: {HoldStatus.SOLD},
    HoldStatus.SOLD: set(),
}
CLAIM_MOVES = {
    ClaimStatus.HELD: {ClaimStatus.SOLD, ClaimStatus.RELEASED},
    ClaimStatus.SOLD: {ClaimStatus.RELEASED},
    ClaimStatus.RELEASED: set(),
}
TABLES = (
    (Hold, HOLD_MOVES),
    (SeatClaim, CLAIM_MOVES),
    (Booking, policies.MOVES),
    (Rebooking, policies.REBOOKING_MOVES),
    (SlipDecision, policies.SLIP_MOVES),
    (WaitingEntry, policies.WAITING_MOVES),
    (Payment, PAYMENT_MOVES),
    (Refund, REFUND_MOVES),
)


def reachable(moves):
    """Return for each state those it can come to in one or more moves, and itself."""
    closed = {state: {state, *following} for state, following in moves.items()}
    for _ in closed:
        closed = {state: set().union(*(closed[one] for one in known)) for state, known in closed.items()}
    return closed


REACHABLE = {model: reachable(moves) for model, moves in TABLES}


class Rows:
    """All rows as they are now, in the order in which they came to be."""

    def __init__(self, seen: dict) -> None:
        self.of = {model: list(model.objects.all()) for model, _ in TABLES}
        for model in (Hold, Rebooking, SlipDecision, Payment, Refund):  # their keys are random
            key = {SlipDecision: "booking_id", Payment: "booking_id", Refund: "amount", Rebooking: "booking_id"}
            name = key.get(model, "customer_id")
            for row in sorted(self.of[model], key=lambda one: (one.created_at, getattr(one, name))):  # noqa: B023
                seen.setdefault(row.pk, len(seen))
            self.of[model].sort(key=lambda one: seen[one.pk])
        for model in (SeatClaim, Booking, WaitingEntry):
            self.of[model].sort(key=lambda one: one.pk)
        self.seats = list(LaunchSeat.objects.order_by("pk"))
        self.launches = {launch.pk: launch for launch in Launch.objects.all()}
        self.passengers = list(Passenger.objects.order_by("pk"))
        self.quotes = list(CancellationQuote.objects.order_by("created_at"))
        self.charges = list(SandboxCharge.objects.order_by("pk"))

    def passengers_of(self, booking):
        """Return who is in a booking and not cancelled."""
        return [one for one in self.passengers if one.booking_id == booking.pk and one.cancelled_at is None]


class Watch:
    """Remembers what was, so that it can tell what must not come after it."""

    def __init__(self, world) -> None:
        self.world = world
        self.seen: dict = {}
        self.status: dict = {}
        self.versions: dict = {}
        self.limits: dict[tuple[int, int], int] = {}
        self.look()

    def look(self) -> None:
        """Read everything and hold it against what is always true."""
        self.rows = Rows(self.seen)
        failures = self.world.failures()
        assert not failures, failures
        self._states_move_forward()
        self._a_seat_has_one_owner()
        self._nobody_has_more_seats_than_allowed()
        self._bookings_have_their_seats()
        self._versions_never_fall()
        self._gateway_and_ledger_agree()
        if self.world.is_quiet():
            self._every_cent_is_explained()

    def _states_move_forward(self) -> None:
        for model, _ in TABLES:
            for row in self.rows.of[model]:
                before = self.status.get((model, row.pk), row.status)
                assert row.status in REACHABLE[model][before], f"{model.__name__} {row.pk}: {before} to {row.status}"
                self.status[model, row.pk] = row.status

    def live_claims(self):
        """Return the claims that keep a seat from others now."""
        now = self.world.clock.now
        return [
            one
            for one in self.rows.of[SeatClaim]
            if one.status == ClaimStatus.SOLD or (one.status == ClaimStatus.HELD and one.held_until > now)
        ]

    def _a_seat_has_one_owner(self) -> None:
        live = self.live_claims()
        shared = [seat for seat, owners in Counter(one.launch_seat_id for one in live).items() if owners > 1]
        assert not shared, f"seats {shared} have two owners"
        seats = {seat.pk: seat for seat in self.rows.seats}
        withdrawn = [one.pk for one in live if seats[one.launch_seat_id].is_blocked]
        assert not withdrawn, f"claims {withdrawn} are on withdrawn seats"
        assert all(seats[one.launch_seat_id].launch_id == one.launch_id for one in live)
        on_sale = Counter(seat.launch_id for seat in self.rows.seats if not seat.is_blocked)
        for launch_id, sold in Counter(one.launch_id for one in live).items():
            assert sold <= on_sale[launch_id]
        rows = Counter(seat.launch_id for seat in self.rows.seats)
        assert rows == {launch.pk: launch.seats_on_sale for launch in self.rows.launches.values()}
        holds = {hold.pk: hold for hold in self.rows.of[Hold]}
        people = {one.claim_id: one for one in self.rows.passengers}
        for claim in live:
            hold = holds[claim.hold_id]
            if claim.status == ClaimStatus.SOLD:
                assert claim.pk in people, f"claim {claim.pk} is sold to nobody"
                assert hold.status == HoldStatus.SOLD
            else:
                assert hold.status in (HoldStatus.OPEN, HoldStatus.USED), f"claim {claim.pk} is of no live hold"
                assert claim.customer_id == hold.customer_id

    def _nobody_has_more_seats_than_allowed(self) -> None:
        kept = Counter((one.customer_id, one.launch_id) for one in self.rows.of[Booking] if one.status in KEPT)
        trips = Counter(one.customer_id for one in self.rows.of[Booking] if one.status in KEPT)
        for who in product((customer.pk for customer in self.world.customers), self.rows.launches):
            # Earlier trips are those on other launches.
            is_vip = trips[who[0]] - kept[who] >= settings.VIP_TRIPS
            limit = settings.SEAT_LIMIT_VIP if is_vip else settings.SEAT_LIMIT
            # Who was a VIP keeps what was bought as one.
            self.limits[who] = max(self.limits.get(who, 0), limit)
        for who, seats in Counter((one.customer_id, one.launch_id) for one in self.live_claims()).items():
            assert seats <= self.limits[who], f"customer {who[0]} has {seats} seats on {who[1]}"

    def _bookings_have_their_seats(self) -> None:
        claims = {claim.pk: claim for claim in self.rows.of[SeatClaim]}
        holds = {hold.pk: hold for hold in self.rows.of[Hold]}
        for booking in self.rows.of[Booking]:
            people = self.rows.passengers_of(booking)
            if booking.status in KEPT:
                assert people, f"{booking} has nobody in it"
                for one in people:
                    claim = claims[one.claim_id]
                    assert claim.status == ClaimStatus.SOLD, f"{booking}: {one.seat_label} is {claim.status}"
                    assert (claim.launch_id, claim.customer_id) == (booking.launch_id, booking.customer_id)
                # What goes beyond was cancelled before, and its share kept.
                assert sum((one.price_amount for one in people), ZERO) <= booking.price_amount
            elif booking.status == BookingStatus.CANCELLED:
                assert not people
            elif booking.status == BookingStatus.PENDING:
                assert holds[booking.hold_id].status == HoldStatus.USED
            assert (
                sum((one.price_amount for one in self.rows.passengers if one.booking_id == booking.pk), ZERO)
                == booking.price_amount
            ), f"{booking}: its passengers' prices are not its price"
        for entry in self.rows.of[WaitingEntry]:
            if entry.status == WaitingStatus.OFFERED:
                assert entry.hold_id is not None
        for move in self.rows.of[Rebooking]:
            if move.status == RebookingStatus.DONE:
                assert holds[move.hold_id].status == HoldStatus.SOLD

    def _versions_never_fall(self) -> None:
        trips = selectors.trips_of(booking_ids=[one.pk for one in self.rows.of[Booking]])
        offers = selectors.offers_of(launch_ids=list(self.rows.launches))
        now = {("trip", one.booking_id): one for one in trips} | {("offer", one.launch_id): one for one in offers}
        for key, record in now.items():
            before = self.versions.get(key, record)
            assert record.version >= before.version, f"{key}: version {before.version} to {record.version}"
            # The document store takes the higher version only, so what has changed must have one.
            assert record == before or record.version > before.version, f"{key} changed, its version did not"
            self.versions[key] = record

    # --- money ---
    def _gateway_and_ledger_agree(self) -> None:
        sums = dict(LedgerEntry.objects.order_by().values_list("account").annotate(Sum("amount")))
        assert sum(sums.values(), ZERO) == 0
        collected = {str(one.pk): one.amount for one in self.rows.of[Payment] if one.status in PAID}
        returned = {
            one.gateway_reference: one.amount for one in self.rows.of[Refund] if one.status == RefundStatus.SUCCEEDED
        }
        by_hand = sum((amount for key, amount in returned.items() if key.startswith("manual:")), ZERO)
        theirs = {one.key: one.amount for one in self.rows.charges}
        for key, amount in collected.items():
            assert theirs[key] == amount
        back = dict(SandboxRefund.objects.values_list("reference", "amount"))
        assert back == {key: amount for key, amount in returned.items() if not key.startswith("manual:")}
        in_books = sum(collected.values(), ZERO) - sum(back.values(), ZERO)
        assert sums.get("gateway", ZERO) == in_books, f"the ledger has {sums.get('gateway')}, the gateway {in_books}"
        owed = sum((one.amount for one in self.rows.of[Refund] if one.status != RefundStatus.SUCCEEDED), ZERO)
        assert sums.get("customers", ZERO) == -owed, f"customers are owed {owed}, the ledger says otherwise"
        paid_out = SupplierStatement.objects.exclude(paid_out_at=None).filter(payout_amount__gt=0)
        outgoing = sum(paid_out.values_list("payout_amount", flat=True), ZERO) + by_hand
        assert sums.get("bank", ZERO) == -outgoing

    def _every_cent_is_explained(self) -> None:
        """Collected = ledger = invoices - credit notes = price - refunds, booking by booking."""
        ledger: dict = defaultdict(Decimal)
        rows = LedgerEntry.objects.filter(account__in=("suppliers", "goodwill")).order_by()
        for booking_id, amount in rows.values_list("movement__booking_id").annotate(Sum("amount")):
            ledger[booking_id] = -amount
        billed: dict = defaultdict(Decimal)
        documents = Invoice.objects.exclude(booking=None).order_by().values_list("booking_id", "kind")
        for booking_id, kind, amount in documents.annotate(Sum("amount")):
            billed[booking_id] += amount if kind == InvoiceKind.CUSTOMER else -amount
        money: dict = defaultdict(Decimal)
        for payment in self.rows.of[Payment]:
            money[payment.booking_id] += payment.amount if payment.status in PAID else ZERO
        for refund in self.rows.of[Refund]:
            money[refund.booking_id] -= refund.amount
        for booking in self.rows.of[Booking]:
            due = booking.price_amount - booking.refund_amount if booking.confirmed_at else ZERO
            said = {"money": money[booking.pk], "ledger": ledger[booking.pk], "invoices": billed[booking.pk]}
            assert said == dict.fromkeys(said, due), f"{booking} should have {due}: {said}"
        for statement in SupplierStatement.objects.all():
            carried = statement.net_amount + statement.carried_amount
            assert carried - statement.fee_amount == statement.payout_amount

    def nothing_is_open(self) -> None:
        """After all jobs had their time: every payment is at rest, and no charge is kept for nothing."""
        assert self.world.is_quiet()
        payments = {str(one.pk): one for one in self.rows.of[Payment]}
        assert not [one for one in payments.values() if one.status in OPEN_PAYMENTS]
        assert not [one for one in self.rows.of[Refund] if one.status == RefundStatus.REQUESTED]
        for charge in self.rows.charges:
            if charge.outcome in ("succeeded", "lost", "no_refund", "refund_later"):
                assert payments[charge.key].status in PAID, f"{charge} was collected, and nobody knows"
        now = self.world.clock.now
        assert not [b for b in self.rows.of[Booking] if b.status == BookingStatus.PENDING and b.created_at < now]
