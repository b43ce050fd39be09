"""What the portal asks: shapes only; the rules are the services'."""

from typing import Any

from django import forms

from documents import reconcile

LEVELS = [("", "All"), ("INFO", "Info and worse"), ("WARNING", "Warnings and worse"), ("ERROR", "Errors and worse")]


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"{label}: give a day.", "invalid": f"{label}: give the day as 2027-03-14."},
    )


class LogForm(forms.Form):
    """A search in the system log."""

    q = forms.CharField(label="Text", required=False, max_length=200)
    level = forms.ChoiceField(label="Level", required=False, choices=LEVELS)
    day_from = _day("From (UTC)")
    day_to = _day("To (UTC)")
    request_id = forms.CharField(label="Request id", required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("day_from") and values.get("day_to") and values["day_from"] > values["day_to"]:
            self.add_error("day_to", "The last day lies before the first. Give a later one.")
        return values


class AuditForm(forms.Form):
    """Which object's audit entries to show, by what people know of it or by its id; none shows all."""

    q = forms.CharField(label="Booking, launch or account", required=False, max_length=300)
    kind = forms.RegexField(
        label="Kind",
        regex=r"^[a-z_]+$",
        required=False,
        max_length=40,
        error_messages={"invalid": "A word, like launch."},
    )
    number = forms.CharField(label="Id", required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        """Ask for kind and id both or for none, and for one way of searching."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("q") and (values.get("kind") or values.get("number")):
            self.add_error("q", "Search by this or by kind and id, not by both: leave one of them empty.")
        if not self.errors and bool(values.get("kind")) != bool(values.get("number")):
            missing = "number" if values.get("kind") else "kind"
            self.add_error(missing, "Give both the kind and the id of the object, or neither.")
        return values


class ReconciliationForm(forms.Form):
    """What to compare, and whether to repair."""

    datasets = forms.MultipleChoiceField(
        label="Data sets",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one data set."},
    )
    scope = forms.ChoiceField(
        label="How much",
        choices=[("full", "Everything"), ("since_last", "Only what has changed since the last run")],
        widget=forms.RadioSelect,
        initial="full",
        required=False,
    )
    is_dry_run = forms.BooleanField(label="Dry run: only say what differs, write nothing", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["datasets"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(dataset.name, dataset.label) for dataset in reconcile.registered()]
        field.initial = [dataset.name for dataset in reconcile.registered()]


class PaidByHandForm(forms.Form):
    """How a refund was paid outside the gateway."""

    note = forms.CharField(
        label="How it was paid",
        max_length=60,
        error_messages={
            "required": "Say how it was paid, in up to 60 characters.",
            "max_length": "Say how it was paid, in up to 60 characters.",
        },
    )


class GoodwillForm(forms.Form):
    """How much goes back, and why; the key makes a form sent twice one refund."""

    amount = forms.DecimalField(
        label="Amount",
        max_digits=14,
        decimal_places=3,
        widget=forms.TextInput,
        error_messages={"required": "Give an amount.", "invalid": "Give the amount in figures, like 1500.50."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=200,
        error_messages={
            "required": "Say why, in up to 200 characters.",
            "max_length": "Say why, in up to 200 characters.",
        },
    )
    key = forms.RegexField(regex=r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why something is done; it stands in the audit trail."""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in up to 300 characters."},
    )


class ReceiptForm(forms.Form):
    """Money that came in for an invoice."""

    amount = forms.DecimalField(
        max_digits=14,
        decimal_places=3,
        error_messages={
            "required": "Give the amount that came in, like 250.50.",
            "invalid": "Give the amount as a number, like 250.50.",
        },
    )
    received_on = _day("Received on")
    note = forms.CharField(label="Note", required=False, max_length=200)
    seen_paid_amount = forms.DecimalField(widget=forms.HiddenInput)


class MoneyRunForm(forms.Form):
    """Which money to reconcile."""

    day = forms.DateField(
        label="Only what moved on a day (UTC)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give the day as a date, like 2027-01-15."},
    )
    is_dry_run = forms.BooleanField(label="Dry run: only say what differs, write nothing", required=False)


def _words(label: str, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows, "class": "code", "spellcheck": "false"}),
        error_messages={"required": f"{label}: write something. To go back to the shipped words, use the button."},
    )


class WordingForm(forms.Form):
    """The words of a message; the service reads them as templates and judges them."""

    use_required_attribute = False
    subject = forms.CharField(
        label="Subject", error_messages={"required": "Subject: write something, on one line."}, strip=False
    )
    text = _words("Text", 16)
    html = _words("HTML", 20)
    note = forms.CharField(label="What you changed, and why", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Write line ends as files have them; browsers send two characters."""
        values: dict[str, Any] = super().clean() or {}
        return {name: value.replace("\r\n", "\n") for name, value in values.items()}
