"""How many want to fly together."""

from django.http import QueryDict

from common.errors import InvalidInput
from portals.customer.forms.seats import is_id

_PARTY_MAX = 300  # the service knows the real limit and says it


def party_asked(data: QueryDict) -> int:
    """Read the size of a party. Raises: InvalidInput."""
    text = data.get("party", "")
    if not is_id(text) or int(text) > _PARTY_MAX:
        raise InvalidInput("Say for how many seats you want to wait.")
    return int(text)
