"""The fields of the account pages. What they may hold, the services check; here are names, kinds and hints."""

from typing import Any

from django import forms

from accounts import selectors
from accounts.enums import Language
from accounts.models import User
from common.errors import DomainError

_PASSWORD_HINT = "At least 10 characters, not a common password. A sentence you can remember works well."  # noqa: S105


def _email(**options: Any) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})
    messages = {"required": "Enter your e-mail.", "invalid": "Enter an e-mail like name@example.org."}
    return forms.EmailField(label="E-mail", max_length=254, widget=widget, error_messages=messages, **options)


def _password(label: str, autocomplete: str, required: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"}),
        help_text=help_text,
        error_messages={"required": required},
    )


class _CodeInput(forms.PasswordInput):
    """Shows what is typed, but never brings it back: a code that was refused is of no more use."""

    input_type = "text"


def _code(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=60,
        widget=_CodeInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autocapitalize": "off",
            }
        ),
        help_text=help_text,
        error_messages={"required": "Enter the code.", "max_length": "A code has six digits, a recovery code twenty."},
    )


class DomainForm(forms.Form):
    """A form that can take the sentences of a refused service."""

    def take(self, error: DomainError) -> None:
        """Put each sentence at its field, the rest on top."""
        for name, sentence in error.fields.items():
            self.add_error(name if name in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)


class SignInForm(DomainForm):
    """E-mail and password; the names are what password managers and django-axes look for."""

    username = _email()
    password = _password("Password", "current-password", "Enter your password.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"


class CodeForm(DomainForm):
    """A code of the present device, or a recovery code."""

    code = _code("Code", "The six digits that your authenticator app shows, or one of your recovery codes.")


class EnrolForm(DomainForm):
    """The first code of a device that has just read the secret; the secret comes back sealed."""

    code = _code("Code", "The six digits that the app shows for Astro Bookings now.")
    sealed = forms.CharField(max_length=400, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))


class MoveForm(EnrolForm):
    """The same for another device, and a code of the present one."""

    present_code = _code("Code of your present device", "Six digits, or one of your recovery codes.")
    field_order = ["present_code", "code", "sealed"]


class RegisterForm(DomainForm):
    """What a customer's account needs; nothing more is asked before it is needed."""

    full_name = forms.CharField(
        label="Full name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your full name."},
    )
    email = _email(help_text="We send a link there that you open once.")
    password = _password("Password", "new-password", "Choose a password.", _PASSWORD_HINT)
    # The browser's own, filled in by portal.js; without JavaScript people choose theirs later.
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-reader-zone": "", "autocomplete": "off"})
    )


class EmailForm(DomainForm):
    """Where to send a link."""

    email = _email()


class NewPasswordForm(DomainForm):
    """A new password, once: managers fill it, and a reset cures a slip."""

    password = _password("New password", "new-password", "Choose a new password.", _PASSWORD_HINT)


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    old_password = _password("Present password", "current-password", "Enter your present password.")
    field_order = ["old_password", "password"]


class ReadingForm(DomainForm):
    """The language and time zone of a person's messages; the service judges what is chosen."""

    language = forms.ChoiceField(
        label="Language",
        choices=Language.choices,
        help_text="Of our mails, your inbox and your choice of mails. All other pages are in English.",
        error_messages={"required": "Choose a language.", "invalid_choice": "Choose a language from the list."},
    )
    time_zone = forms.ChoiceField(
        label="Your time zone",
        help_text="Departures are told in the spaceport's time; yours stands beside it.",
        error_messages={"required": "Choose a time zone.", "invalid_choice": "Choose a time zone from the list."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields["time_zone"]
        zones.choices = []
        for continent, names in selectors.time_zones().items():
            zones.choices += [(continent, _named(names))] if continent else _named(names)

    @classmethod
    def of(cls, user: User, data: Any = None) -> "ReadingForm":
        """Return the form as the user's choices stand, or with what was sent."""
        return cls(data, initial={"language": user.language, "time_zone": user.time_zone})


def _named(zones: list[str]) -> list[tuple[str, str]]:
    return [(zone, zone.partition("/")[2].replace("_", " ") or zone) for zone in zones]
