"""Choosing who does not fly, and saying so for certain."""

from typing import Any

from django import forms


class WhoForm(forms.Form):
    """Which passengers to cancel."""

    use_required_attribute = False
    passengers = forms.TypedMultipleChoiceField(
        label="Who is not flying?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one passenger.",
            "invalid_choice": "Choose passengers of this booking who are not cancelled yet.",
        },
    )

    def __init__(self, data: Any = None, *, choices: list[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["passengers"].choices = choices  # type: ignore[attr-defined]


class SureForm(forms.Form):
    """The explicit yes."""

    use_required_attribute = False
    sure = forms.BooleanField(
        label="Yes, cancel these seats. I know that this cannot be undone.",
        error_messages={"required": "Tick the box to say that you want to cancel, or keep your seats."},
    )
