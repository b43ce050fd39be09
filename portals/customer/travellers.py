"""The customer's own details, to fill in passenger 1."""

import logging
from typing import TYPE_CHECKING, Any

from documents.errors import DocumentStoreUnavailable
from documents.repositories import Profiles

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)


def own_details(*, customer: "User") -> dict[str, Any] | None:
    """Return what the profile knows, as initial values of a passenger; None when its store is away."""
    try:
        profile = Profiles.get(customer.pk)
    except DocumentStoreUnavailable:
        log.warning("Passenger 1 is not filled in: Customer MongoDB is away.")
        return None
    return {
        "full_name": profile.full_name if profile else customer.full_name,
        "email": customer.email,
        "phone": profile.phone if profile else "",
        "birth_date": profile.birth_date if profile else None,
    }
