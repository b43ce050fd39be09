"""The people a customer books for, to fill in passengers: the customer, and those in the profile."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts import selectors as account_selectors
from documents.errors import DocumentStoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.models import User
    from documents.records import ProfileRecord, SavedPassenger
    from portals.customer.forms.passengers import PassengerForm

log = logging.getLogger(__name__)
ME = "me"  # the customer, in the list of people to fill in
FIELDS = ("full_name", "email", "phone", "birth_date")


@dataclass(frozen=True, kw_only=True)
class People:
    """Whom a passenger's form can be filled in with."""

    own: dict[str, Any]
    saved: "tuple[SavedPassenger, ...]"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Key and name of each."""
        return [(ME, f"{self.own['full_name']} (you)"), *((one.id, one.full_name) for one in self.saved)]

    def details(self, key: str) -> dict[str, Any] | None:
        """Return what is known of one of them."""
        if key == ME:
            return self.own
        found = next((one for one in self.saved if one.id == key), None)
        return None if found is None else {name: getattr(found, name) for name in FIELDS}


def people_of(*, customer: "User") -> People | None:
    """Return whom the customer's profile knows; None when its store is away, for booking goes on without."""
    profile = profile_of(customer=customer)
    if profile is None:
        return None
    return People(own=own_details(customer=customer, profile=profile), saved=profile.saved_passengers)


def profile_of(*, customer: "User") -> "ProfileRecord | None":
    """Return the customer's profile; None when its store is away."""
    try:
        return account_selectors.profile_get(customer=customer)
    except DocumentStoreUnavailable:
        log.info("A page does without the profile: Customer MongoDB is away.")
        return None


def own_details(*, customer: "User", profile: "ProfileRecord") -> dict[str, Any]:
    """Return what the profile knows of the customer, as initial values of a passenger."""
    return {
        "full_name": profile.full_name,
        "email": customer.email,
        "phone": profile.phone,
        "birth_date": profile.birth_date,
    }


def is_anybody_chosen(*, forms: "Sequence[PassengerForm]", data: "Mapping[str, Any]") -> bool:
    """Tell whether somebody was chosen to fill in a passenger with."""
    return any(data.get(f"{form.prefix}-who") for form in forms)


def filled_in(*, forms: "Sequence[PassengerForm]", data: "Mapping[str, Any]", people: People) -> list[dict[str, Any]]:
    """Return what was typed for each passenger, in its place the details of who was chosen for it."""
    return [
        people.details(data.get(f"{form.prefix}-who", ""))
        or {name: data.get(form.add_prefix(name), "") for name in FIELDS}
        for form in forms
    ]
