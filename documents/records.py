"""The documents as frozen dataclasses. Instants are aware UTC with milliseconds; amounts have their currency beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from common.dates import departure_text, departure_text_short
from documents.codec import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPassenger(Record):
    """A person whom a customer often books for."""

    id: str = ""
    full_name: str
    email: str
    phone: str
    birth_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Record):
    """What a customer agreed to, or took back, when, and in the words of which version."""

    name: str
    is_given: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRecord(Record):
    """A customer's profile; this is its only home. `version` grows with every change; `consents` is their history."""

    customer_id: int
    full_name: str
    phone: str = ""
    birth_date: date | None = None
    locale: str = "en"
    emergency_name: str = ""
    emergency_phone: str = ""
    saved_passengers: tuple[SavedPassenger, ...] = ()
    consents: tuple[Consent, ...] = ()
    version: int = 0
    updated_at: datetime

    def has_agreed(self, name: str) -> bool:
        """Tell whether a consent stands: given, and not taken back since."""
        latest = next((one for one in reversed(self.consents) if one.name == name), None)
        return latest is not None and latest.is_given

    def saved_passenger(self, passenger_id: str) -> SavedPassenger | None:
        """Return one of the saved passengers, or None."""
        return next((one for one in self.saved_passengers if one.id == passenger_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTier(Record):
    """What a customer gets back who cancels at least so many calendar months before departure."""

    months_before: int
    refund_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSupplier(Record):
    """Who flies."""

    slug: str = ""
    trade_name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRocket(Record):
    """What flies."""

    name: str = ""
    range: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSpaceport(Record):
    """Where it leaves from."""

    code: str = ""
    name: str = ""
    country: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDestination(Record):
    """Where it goes."""

    code: str = ""
    name: str = ""
    description: str = ""
    required_range: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord(Record):
    """
    What customers see of one launch; a copy, as of `version`. Pages ask it what they would ask the launch itself.

    launch_version: of the launch's own row, which everything but the seats follows; 0 in documents of before.
    """

    launch_id: int
    version: int
    launch_version: int = 0
    slug: str
    title: str
    mission_name: str = ""
    description: str = ""
    supplier: OfferSupplier = OfferSupplier()
    rocket: OfferRocket = OfferRocket()
    destination: OfferDestination = OfferDestination()
    spaceport: OfferSpaceport = OfferSpaceport()
    departure_at: datetime
    departure_precision: str
    price_amount: Decimal
    price_currency: str
    seats_total: int
    seats_left: int
    status: str
    reason: str = ""
    policy: tuple[PolicyTier, ...] = ()
    updated_at: datetime

    @property
    def pk(self) -> int:
        """The launch's id, which its picture grows from."""
        return self.launch_id

    @property
    def departure_text(self) -> str:
        """The departure, as exactly as is honest, at the spaceport."""
        return departure_text(self.departure_at, self.departure_precision, self.spaceport.time_zone)

    @property
    def departure_text_short(self) -> str:
        """The departure's date part only."""
        return departure_text_short(self.departure_at, self.departure_precision, self.spaceport.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class TripPassenger(Record):
    """Who flies on a seat."""

    full_name: str
    email: str
    phone: str
    birth_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TripSeat(Record):
    """One seat of a trip, at its price at the moment of sale."""

    label: str
    price_amount: Decimal
    status: str
    passenger: TripPassenger | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TripPayment(Record):
    """One movement of money of a trip, in the trip's currency; `kind` is charge or refund."""

    kind: str
    amount: Decimal
    status: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripRecord(Record):
    """What a customer sees of one booking; a copy, as of `version`. Amounts are in `currency`."""

    booking_id: int
    customer_id: int
    version: int
    reference: str
    status: str
    launch_id: int
    launch_slug: str
    launch_title: str
    launch_status: str
    supplier_name: str
    rocket_name: str
    rocket_range: str
    destination_name: str
    destination_range: str = ""
    spaceport_name: str
    spaceport_time_zone: str
    departure_at: datetime
    departure_precision: str
    currency: str
    total_amount: Decimal
    paid_amount: Decimal
    refunded_amount: Decimal
    is_cancellable: bool
    created_at: datetime
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    updated_at: datetime | None = None
    seats: tuple[TripSeat, ...] = ()
    payments: tuple[TripPayment, ...] = ()
    policy: tuple[PolicyTier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLogRecord(Record):
    """One line of the system log; `key` sorts by time and is unique over all processes."""

    key: str
    at: datetime
    level: str
    logger: str
    message: str
    request_id: str = ""
    origin: str = ""
    actor_id: int | None = None
    actor_email: str = ""
    host: str = ""
    process_id: int = 0
    exception: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLogRecord(Record):
    """
    Lines of requests that went well, many together.

    Args:
        key: of the first line, with a hash of all lines' keys. at: its instant.
        lines: by request id, in plain values (documents.repositories.journals).
    """

    key: str
    at: datetime
    request_ids: tuple[str, ...]
    lines: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord(Record):
    """
    One event: what happened to which object, who did it, when, why, from where, and what it was before and after.

    Args:
        address: the network of the visitor, cut short (documents.audit); '' where none is known.
        before, after: fields whose values the event tells, by name.
        sequence: the entry's place in the chain, from 1 without gaps; 0 for entries older than the chain.
        previous_seal, seal: see documents.sealing. sealed_by: which key.
    """

    event_id: int
    name: str
    occurred_at: datetime
    actor_id: int | None = None
    actor_email: str = ""
    origin: str = ""
    address: str = ""
    request_id: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    reason: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    sequence: int = 0
    previous_seal: str = ""
    sealed_by: str = ""
    seal: str = ""

    @property
    def words(self) -> str:
        """Return what happened in words: "Supplier suspended" for launches.supplier.suspended."""
        return " ".join(self.name.split(".")[-2:]).replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor(Record):
    """
    What proves an employee besides the password.

    Args:
        ciphertext: the shared secret, encrypted (documents.cipher); new with each device.
        recovery_hashes: of the recovery codes that are left.
        latest_step: the step of 30 seconds since 1970 whose code was used last; no code of it or before works again.
        version: grows with every change.
    """

    ciphertext: str
    recovery_hashes: tuple[str, ...] = ()
    latest_step: int = 0
    version: int = 0
    enrolled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRecord(Record):
    """A user's password hash, in Django's encoded form, and the second factor of an employee who has one."""

    user_id: int
    password_hash: str
    updated_at: datetime
    factor: SecondFactor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenRecord(Record):
    """One refresh token by the hash of its text; all tokens that came from one sign-in share the `family`."""

    token_hash: str
    family: str
    user_id: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretRecord(Record):
    """A secret that signs webhooks of one endpoint, encrypted; PostgreSQL says which of them hold."""

    secret_id: str
    endpoint_id: str
    ciphertext: str
    created_at: datetime
