"""Who flies: one form a seat."""

from collections.abc import Sequence
from typing import Any

from django import forms

from bookings.services import PassengerInput
from common.errors import DomainError


class PassengerForm(forms.Form):
    """One passenger as typed; the service judges names, numbers and ages."""

    full_name = forms.CharField(
        label="Full name", max_length=120, strip=False,
        error_messages={
            "required": "Enter the full name as in the passport.",
            "max_length": "Shorten the name to 120 characters.",
        },
    )  # fmt: skip
    email = forms.CharField(
        label="E-mail", max_length=254, widget=forms.EmailInput,
        error_messages={
            "required": "Enter an e-mail address like name@example.com.",
            "max_length": "Enter an e-mail address like name@example.com.",
        },
    )  # fmt: skip
    phone = forms.CharField(
        label="Phone", max_length=40, widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={
            "required": "Enter the phone number with its country code, like +1 415 555 0123.",
            "max_length": "Enter the phone number with its country code, like +1 415 555 0123.",
        },
    )  # fmt: skip
    birth_date = forms.DateField(
        label="Date of birth", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": "Enter the date of birth.",
            "invalid": "Enter the date of birth as year, month, day, like 1990-05-17.",
        },
    )  # fmt: skip

    seat_label = ""
    number = 1

    @property
    def autofill(self) -> dict[str, str]:
        """What browsers call the fields; each passenger has a section, so that two are not mixed up."""
        return {name: f"section-passenger{self.number} {name}" for name in ("name", "email", "tel", "bday")}


def passenger_forms(
    *, labels: Sequence[str], data: Any = None, initial: Sequence[dict[str, Any]] = ()
) -> list[PassengerForm]:
    """Make a form for each seat, bound when there is data."""
    made = []
    for index, label in enumerate(labels):
        start = initial[index] if index < len(initial) else {}
        form = PassengerForm(data, prefix=str(index), initial=start, use_required_attribute=False)
        form.seat_label, form.number = label, index + 1
        made.append(form)
    return made


def passenger_inputs(forms_: Sequence[PassengerForm]) -> list[PassengerInput] | None:
    """Return what was typed, or None when a form has errors."""
    wrong = [form for form in forms_ if not form.is_valid()]  # each is asked, so that each shows its errors
    if wrong:
        return None
    return [PassengerInput(**form.cleaned_data) for form in forms_]


def passenger_errors(forms_: Sequence[PassengerForm], error: DomainError) -> None:
    """Put the service's sentences ("0.email") at their fields."""
    for name, sentence in error.fields.items():
        index, _, field = name.partition(".")
        if index.isdigit() and int(index) < len(forms_) and field in forms_[int(index)].fields:
            forms_[int(index)].add_error(field, sentence)
        else:
            forms_[0].add_error(None, sentence)
    if not error.fields:
        forms_[0].add_error(None, error.message)
