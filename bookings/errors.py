"""Expected failures of holding, booking and cancelling."""

from common.errors import DomainError, Kind


class BookingError(DomainError):
    """The family of this package."""

    code = "booking_error"


class LaunchNotOpen(BookingError):
    """No seats are sold on it (any more)."""

    code = "launch_not_open"
    kind = Kind.CONFLICT
    sentence = "This launch is not on sale any more. Nothing was booked; please choose another launch."


class SeatsUnknown(BookingError):
    """The chosen seats are none of this launch, or none were chosen."""

    code = "seats_unknown"
    sentence = "Choose seats of this launch."


class SeatsTaken(BookingError):
    """Somebody was faster."""

    code = "seats_taken"
    kind = Kind.CONFLICT
    sentence = "Taken by somebody else a moment ago: {labels}. Your choice was not held; please choose other seats."


class NotEnoughSeats(BookingError):
    """Fewer seats are free than asked for."""

    code = "not_enough_seats"
    kind = Kind.CONFLICT
    sentence = (
        "Only {left} of the {wanted} seats you want are free on this launch. Choose fewer seats or another launch."
    )


class SeatLimitReached(BookingError):
    """The customer's seats on this launch would exceed the limit."""

    code = "seat_limit_reached"
    kind = Kind.CONFLICT
    sentence = (
        "You can have at most {limit} seats on one launch, over all your bookings; you have {has} already. "
        "Choose {room} or fewer."
    )


class SeatsPromised(BookingError):
    """The free seats belong to those who wait for them."""

    code = "seats_promised"
    kind = Kind.CONFLICT
    sentence = (
        "The free seats are being offered to people on the waiting list; {left} of the {wanted} you want are left. "
        "Join the waiting list, or choose another launch."
    )


class TooManyHolds(BookingError):
    """The quota of unpaid holds is used up, for the customer or for the network address."""

    code = "too_many_holds"
    kind = Kind.CONFLICT
    sentence = (
        "You are holding seats in too many places at once. Pay or give back what you hold, or wait until it lapses; "
        "then hold these."
    )


class HoldNotFound(BookingError):
    """There is no such hold of this customer."""

    code = "hold_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such hold."


class HoldExpired(BookingError):
    """Its time ran out."""

    code = "hold_expired"
    kind = Kind.GONE
    sentence = "The time to hold your seats ran out. Nothing was charged; please choose your seats again."


class HoldBooked(BookingError):
    """A booking was made of it: the seats are given back there."""

    code = "hold_booked"
    kind = Kind.CONFLICT
    sentence = (
        "These seats belong to booking {reference} by now and were not given back. Go on with the booking instead."
    )


class HoldNotExtendable(BookingError):
    """It was prolonged before, or is none that can be."""

    code = "hold_not_extendable"
    kind = Kind.CONFLICT
    sentence = "These seats were held for longer once already; that is possible once. Finish before the time is over."


class PassengerNotFound(BookingError):
    """There is no such passenger in this booking."""

    code = "passenger_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such passenger in this booking."


class PassengerFixed(BookingError):
    """Details and seats do not change any more."""

    code = "passenger_fixed"
    kind = Kind.CONFLICT
    sentence = "Passengers and seats of booking {reference} cannot be changed: {why}."


class NothingToChange(BookingError):
    """Everything is like this already."""

    code = "nothing_to_change"
    kind = Kind.CONFLICT
    sentence = "Nothing was changed: everything is like this already."


class SeatsInUse(BookingError):
    """Seats that customers have cannot be withdrawn."""

    code = "seats_in_use"
    kind = Kind.CONFLICT
    sentence = "Sold, or held by customers just now: {labels}. Nothing was changed; withdraw other seats."


class SeatsOnSaleRefused(BookingError):
    """So many, or so few, seats cannot be on sale."""

    code = "seats_on_sale_refused"
    kind = Kind.CONFLICT
    sentence = "Choose a number from {least} to {capacity}."


class PassengersInvalid(BookingError):
    """Something is wrong with the passengers' details; `fields` says what, as "0.email"."""

    code = "passengers_invalid"
    sentence = "Some passenger details need another look."


class BookingNotFound(BookingError):
    """There is no such booking of this actor."""

    code = "booking_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such booking."


class BookingNotPending(BookingError):
    """It is not waiting for payment (any more)."""

    code = "booking_not_pending"
    kind = Kind.CONFLICT
    sentence = "Booking {reference} is not waiting for payment: it is {status}."


class BookingNotCancellable(BookingError):
    """It is not confirmed, or its launch has left."""

    code = "booking_not_cancellable"
    kind = Kind.CONFLICT
    sentence = "Booking {reference} cannot be cancelled: it is {status}."


class GoodwillTooHigh(BookingError):
    """More than the customer has paid and not got back."""

    code = "goodwill_too_high"
    sentence = "At most {left} can go back: that is what this booking has paid and not got back."


class QuoteExpired(BookingError):
    """The promised amount is no longer promised."""

    code = "quote_expired"
    kind = Kind.GONE
    sentence = "This quote is no longer valid. Nothing was cancelled; please look at a new quote."


class SeatsGone(BookingError):
    """Paid too late: the seats were sold to somebody else, or the launch is off. The money goes back by itself."""

    code = "seats_gone"
    kind = Kind.CONFLICT
    is_committed = True
    sentence = "Your payment came when the seats could not be sold any more. You get all your money back."


class RebookingRefused(BookingError):
    """The booking cannot be moved to another launch (now)."""

    code = "rebooking_refused"
    kind = Kind.CONFLICT
    sentence = "Booking {reference} cannot be moved to another launch: {why}."


class RebookingTargetRefused(BookingError):
    """The booking cannot be moved to this launch; `fields` names launch_id."""

    code = "rebooking_target_refused"
    kind = Kind.CONFLICT
    sentence = "Your booking cannot be moved to that launch. Choose another one of the same supplier and destination."


class RebookingNotFound(BookingError):
    """There is no such move of this customer."""

    code = "rebooking_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such move to another launch."


class RebookingOver(BookingError):
    """Its time ran out, it was given up, or the booking has changed since."""

    code = "rebooking_over"
    kind = Kind.GONE
    sentence = "This move is no longer possible. Nothing was changed; please choose seats again."


class RebookingDone(BookingError):
    """The booking has moved: there is nothing to give up any more."""

    code = "rebooking_done"
    kind = Kind.CONFLICT
    sentence = "Booking {reference} has moved already. Its new seats were not given back."


class RebookingNotPaid(BookingError):
    """The new seats cost more, and the difference is not paid."""

    code = "rebooking_not_paid"
    kind = Kind.CONFLICT
    sentence = "The seats on the new launch cost {difference} more. Pay the difference, then your booking moves."


class SlipNotFound(BookingError):
    """There is no such question to this customer."""

    code = "slip_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such question about a delay."


class SlipOver(BookingError):
    """It was answered before, or its deadline has passed."""

    code = "slip_over"
    kind = Kind.GONE
    sentence = "This question about booking {reference} is no longer open: {why}. Nothing was changed."


class WaitingNotFound(BookingError):
    """There is no such entry of this customer."""

    code = "waiting_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such entry on a waiting list of yours."


class WaitingAlready(BookingError):
    """The customer waits for this launch already."""

    code = "waiting_already"
    kind = Kind.CONFLICT
    sentence = "You are on the waiting list of this launch already. Leave it to join with another party."


class WaitingNotNeeded(BookingError):
    """The seats can simply be booked."""

    code = "waiting_not_needed"
    kind = Kind.CONFLICT
    sentence = "Nobody has to wait for {party}: so many seats are free. Choose them on the launch's page."


class PartyTooLarge(BookingError):
    """The launch has not so many seats at all, or the party is none."""

    code = "party_too_large"
    sentence = "Say how many seats you want, from 1 to {most}."


class WaitingNotWaiting(BookingError):
    """The entry is over, or seats are offered already."""

    code = "waiting_not_waiting"
    kind = Kind.CONFLICT
    sentence = "You are not waiting any more ({status})."


class NothingOffered(BookingError):
    """No seats are offered (any more)."""

    code = "nothing_offered"
    kind = Kind.CONFLICT
    sentence = "No seats are offered to you just now ({status})."


class OfferLapsed(BookingError):
    """The offer's time ran out."""

    code = "offer_lapsed"
    kind = Kind.GONE
    sentence = "The time to answer this offer ran out, and the seats went on to the next. You can join the list again."
