"""Another seat for somebody who has one."""

from django import forms

_SENTENCE = "Choose one seat in the cabin plan."


class SeatForm(forms.Form):
    """The seat that a passenger shall have."""

    use_required_attribute = False
    seat = forms.IntegerField(
        label="Seat",
        min_value=1,
        max_value=2**63 - 1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _SENTENCE),
    )

    @property
    def chosen(self) -> int:
        """The seat that was ticked, to tick it again; 0 for none."""
        return int(getattr(self, "cleaned_data", {}).get("seat") or 0)
