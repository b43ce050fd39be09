"""What goes wrong with suppliers, rockets and launches."""

from common.errors import DomainError, Forbidden, InvalidInput, Kind, NotFound


class LaunchNotFound(NotFound):
    """No such launch, or not the actor's to see."""

    code = "launch_not_found"
    sentence = "There is no such launch here."


class SupplierNotFound(NotFound):
    """No such supplier, or not the actor's to see."""

    code = "supplier_not_found"
    sentence = "There is no such supplier here."


class RocketNotFound(NotFound):
    """No such rocket, or not of this supplier."""

    code = "rocket_not_found"
    sentence = "This supplier has no such rocket."


class PlaceNotFound(NotFound):
    """No such spaceport, destination or cancellation policy."""

    code = "place_not_found"
    sentence = "There is no such {thing}. Choose one from the list."


class NotASupplierMember(Forbidden):
    """The actor works for no supplier."""

    code = "not_a_supplier_member"
    sentence = "Only members of a supplier can do this."


class RoleForbids(Forbidden):
    """The actor's role in the supplier, or as an employee, does not reach this."""

    code = "role_forbids"
    sentence = "Your role ({role}) may look at this but not change it. Ask an owner or operator of the supplier."


class SupplierNotApproved(DomainError):
    """The supplier may not sell (yet)."""

    code = "supplier_not_approved"
    kind = Kind.CONFLICT
    sentence = "{supplier} is not approved to sell yet. An employee of Astro Bookings approves suppliers."


class LegalDataMissing(DomainError):
    """A supplier cannot be approved without it."""

    code = "legal_data_missing"
    kind = Kind.CONFLICT
    sentence = "Before {supplier} can sell, its legal name, tax id and legal address must be filled in."


class NameTaken(DomainError):
    """Another one has the name."""

    code = "name_taken"
    kind = Kind.CONFLICT
    sentence = "There is already a {thing} called {taken}. Choose another name."


class RocketInactive(DomainError):
    """The rocket no longer flies."""

    code = "rocket_inactive"
    kind = Kind.CONFLICT
    sentence = "{rocket} is no longer in service. Choose another rocket."


class DestinationOutOfRange(DomainError):
    """The rocket does not get there."""

    code = "destination_out_of_range"
    kind = Kind.CONFLICT
    sentence = "{rocket} flies as far as {range}; {destination} needs {required}. Choose another rocket or destination."


class NotEnoughCabinSeats(DomainError):
    """More seats on sale than the cabin has."""

    code = "not_enough_cabin_seats"
    kind = Kind.CONFLICT
    sentence = "{rocket} has {capacity} seats to sell; {wanted} cannot be put on sale."


class LaunchMoveRefused(DomainError):
    """The status machine has no such move."""

    code = "launch_move_refused"
    kind = Kind.CONFLICT
    sentence = "From {current} to {wanted} is not possible: {why}."


class DepartureNotLater(DomainError):
    """A delay must move the departure to a later instant."""

    code = "departure_not_later"
    sentence = "A delay moves the departure to a later time. It is {departure} now; choose a time after that."


class DepartureInPast(DomainError):
    """Seats are sold for the future only."""

    code = "departure_in_past"
    sentence = "The departure lies in the past. Choose a later one."


class DepartureNotReached(DomainError):
    """It cannot have flown before its departure."""

    code = "departure_not_reached"
    kind = Kind.CONFLICT
    sentence = "It departs no earlier than {departure}; whether it flew can be recorded after that."


class ReasonMissing(InvalidInput):
    """Passengers are told why."""

    code = "reason_missing"
    sentence = "Say why, in up to 300 characters; passengers will read it."


class FeedUnreadable(DomainError):
    """A file is no launch schedule, as a whole."""

    code = "feed_unreadable"
    sentence = "{file}: {why}"


class FeedRecordRefused(DomainError):
    """
    One record of a launch schedule cannot be imported; the others can.

    Args:
        field: its path in the record, "pad.location.name".
        why: "is missing".
    """

    code = "feed_record_refused"

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        self.why = why
        super().__init__(f"{field} {why}")
