"""The seats a reader ticked, from a form or an address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from common.errors import InvalidInput

_LARGEST_ID = 2**63 - 1
_PARTY_MAX = 300  # the service knows the real limit and says it


@dataclass(frozen=True)
class Seats:
    """Chosen seats, or the size of a party that wants the best ones."""

    ids: tuple[int, ...]
    party: int

    @property
    def query(self) -> str:
        """The choice as a query string, to come back to; '' when nothing is chosen."""
        pairs = [("seats", str(one)) for one in self.ids] or ([("party", str(self.party))] if self.party else [])
        return f"?{urlencode(pairs)}" if pairs else ""


def seats_lenient(data: QueryDict) -> Seats:
    """Read a choice and leave out what is none."""
    ids = tuple(dict.fromkeys(int(text) for text in data.getlist("seats") if is_id(text)))[:_PARTY_MAX]
    party = data.get("party") or data.get("travellers") or ""
    return Seats(ids, int(party) if is_id(party) and int(party) <= _PARTY_MAX else 0)


def seats_chosen(data: QueryDict) -> Seats:
    """Read a choice. Raises: InvalidInput."""
    if not all(is_id(text) for text in data.getlist("seats")):
        raise InvalidInput(fields={"seats": "One of the chosen seats does not belong to this launch."})
    chosen = seats_lenient(data)
    if not chosen.ids and not chosen.party:
        raise InvalidInput("Choose at least one seat: tick it in the cabin plan, or say how many you need.")
    return chosen


def is_id(text: str) -> bool:
    """Tell whether a text is the id of a row, in what the column holds."""
    return text.isascii() and text.isdigit() and 0 < len(text) < 20 and 0 < int(text) <= _LARGEST_ID
