"""What the customer's screens and API read, in Customer MongoDB: profiles, launch offers, trips."""

from collections.abc import Callable
from dataclasses import replace

from documents import mongo
from documents.errors import DocumentStoreUnavailable
from documents.records import OfferRecord, ProfileRecord, TripRecord
from documents.repositories.base import Index
from documents.repositories.by_key import KeyedRepository, VersionedRepository

_TRIES = 10  # each means that somebody else was faster


class Profiles(KeyedRepository[ProfileRecord]):
    """Profiles by customer id; this is their only home."""

    store = staticmethod(mongo.customer)
    name = "profiles"
    key = "customer_id"
    record = ProfileRecord
    indexes = (Index("by_customer", (("customer_id", 1),)),)
    is_journalled = True

    @classmethod
    def put(cls, record: ProfileRecord) -> None:
        """Keep this profile for the customer, in place of any other."""
        cls._put(record)

    @classmethod
    def change(cls, begin: ProfileRecord, how: Callable[[ProfileRecord], ProfileRecord]) -> ProfileRecord:
        """
        Change a customer's profile, and return it as it is now; what others change at the same time stays too.

        Args:
            begin: what the profile is when there is none yet.
            how: makes the new profile of the present one; called again when another writer was faster.
        Raises: DocumentRefused, DocumentStoreUnavailable; whatever `how` raises.
        """
        for _ in range(_TRIES):
            seen = cls.get(begin.customer_id)
            made = how(seen or begin)
            if seen is None:
                if cls.add_missing(made):
                    return made
                continue
            record = replace(made, version=seen.version + 1)
            as_seen = {"_id": seen.customer_id, "version": seen.version or {"$in": [0, None]}}  # none in old documents
            if cls._documents().replace(as_seen, cls._document(record)):
                return record
        raise DocumentStoreUnavailable(cls.store().label, "The profile was changed all the time.")

    @classmethod
    def add_missing(cls, record: ProfileRecord) -> bool:
        """Keep this profile unless the customer has one; return whether it was kept."""
        return cls._documents().insert_missing([cls._document(record)]) == 1


class Offers(VersionedRepository[OfferRecord]):
    """Launch offers by launch id."""

    store = staticmethod(mongo.customer)
    name = "offers"
    key = "launch_id"
    record = OfferRecord
    indexes = (
        Index("by_launch", (("launch_id", 1),)),
        # Not unique: two launches may trade dates, one document at a time.
        Index("by_slug", (("slug", 1), ("version", -1))),
    )
    is_journalled = True  # a killed server forgets nothing that the outbox takes for written

    @classmethod
    def of_slug(cls, slug: str) -> OfferRecord | None:
        """Return the offer at this readable address, or None; of two, the newer."""
        found = cls._documents().find({"slug": slug}, sort=[("version", -1)], limit=1)
        return cls._record(found[0]) if found else None


class Trips(VersionedRepository[TripRecord]):
    """Trips by booking id."""

    store = staticmethod(mongo.customer)
    name = "trips"
    key = "booking_id"
    record = TripRecord
    indexes = (
        Index("by_booking", (("booking_id", 1),)),
        Index("of_customer", (("customer_id", 1), ("booking_id", 1))),
        Index("one_trip_per_reference", (("reference", 1),), is_unique=True),
    )
    is_journalled = True

    @classmethod
    def of_customer(cls, customer_id: int, *, limit: int = 50, before_key: int | None = None) -> list[TripRecord]:
        """Return a customer's trips, the newest booking first; `before_key` ends the page before."""
        where: dict[str, object] = {"customer_id": customer_id}
        if before_key is not None:
            where["booking_id"] = {"$lt": before_key}
        found = cls._documents().find(where, sort=[("booking_id", -1)], limit=limit)
        return [cls._record(document) for document in found]

    @classmethod
    def of_reference(cls, customer_id: int, reference: str) -> TripRecord | None:
        """Return a customer's own trip by its reference, or None."""
        document = cls._documents().find_one({"reference": reference})
        return None if document is None or document["customer_id"] != customer_id else cls._record(document)
