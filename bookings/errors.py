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
