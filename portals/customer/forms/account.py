"""The customer's own details, and those of people they book for."""

from django import forms

from portals.customer.forms.passengers import PassengerForm


class ProfileForm(forms.Form):
    """What fills in passenger 1; the service judges names and numbers."""

    use_required_attribute = False
    full_name = forms.CharField(
        label="Full name", max_length=120, strip=False,
        error_messages={
            "required": "Enter your full name as in the passport.",
            "max_length": "Shorten the name to 120 characters.",
        },
    )  # fmt: skip
    phone = forms.CharField(
        label="Phone", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"max_length": "Enter the phone number with its country code, like +1 415 555 0123."},
    )  # fmt: skip
    birth_date = forms.DateField(
        label="Date of birth", required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Enter the date of birth as year, month, day, like 1990-05-17."},
    )  # fmt: skip
    emergency_name = forms.CharField(
        label="Whom to call in an emergency", required=False, max_length=120, strip=False,
        error_messages={"max_length": "Shorten the name to 120 characters."},
    )  # fmt: skip
    emergency_phone = forms.CharField(
        label="Their phone", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"max_length": "Enter the phone number with its country code, like +1 415 555 0123."},
    )  # fmt: skip


class SavedPassengerForm(PassengerForm):
    """Somebody to fill in as a passenger later; the service judges names and numbers."""

    use_required_attribute = False


class NewSavedPassengerForm(SavedPassengerForm):
    """The first one needs the customer's word; the service says when it is missing."""

    is_agreed = forms.BooleanField(
        label="This person knows that I keep these details here, and so will everybody else I save.", required=False
    )
