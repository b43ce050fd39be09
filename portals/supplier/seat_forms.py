"""Which seats are on sale, and how many; the rules are the services'."""

from typing import Any

from django import forms

_LARGEST_ID = 2**63 - 1


class _SeatIds(forms.Field):
    """Ticked seats: a list of ids."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[int]:
        """Read the ids; whose seats they are, the service knows."""
        texts = [str(one) for one in value or []]
        if not texts or not all(one.isascii() and one.isdigit() and 0 < int(one) <= _LARGEST_ID for one in texts):
            raise forms.ValidationError("Tick at least one seat.")
        return [int(one) for one in texts]


class SeatsForm(forms.Form):
    """Seats to withdraw, or to put back."""

    seat_ids = _SeatIds(label="Seats")

    @property
    def ticked(self) -> set[str]:
        """What was sent, to tick it again."""
        return set(self["seat_ids"].data or []) if self.is_bound else set()


class CountForm(forms.Form):
    """How many seats shall be on sale."""

    use_required_attribute = False
    count = forms.IntegerField(
        label="Seats on sale",
        min_value=1,
        max_value=300,
        error_messages={"required": "Say how many seats shall be on sale.", "invalid": "Give a whole number, like 6."},
    )
