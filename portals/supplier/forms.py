"""What the portal asks: shapes only; the rules are the services'."""

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

from common.dates import Precision
from common.money import CURRENCIES
from launches import selectors as launch_selectors
from launches.enums import Range

if TYPE_CHECKING:
    from accounts.models import User
    from launches.models import Launch

PRECISION_CHOICES = [
    (Precision.MINUTE, "to the minute"),
    (Precision.SECOND, "to the second"),
    (Precision.HOUR, "to the hour"),
    (Precision.DAY, "the day only"),
    (Precision.MONTH, "the month only"),
    (Precision.QUARTER, "the quarter only"),
    (Precision.HALF, "the half-year only"),
    (Precision.YEAR, "the year only"),
]
REASON_MAX = 300


class DepartureForm(forms.Form):
    """A departure as its spaceport's people say it."""

    departure_date = forms.DateField(
        label="Departure, no earlier than",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="For a month, a quarter or a year, any day within it will do.",
        error_messages={"required": "Give the date of the departure.", "invalid": "Give the date as 2027-03-14."},
    )
    departure_time = forms.TimeField(
        label="Time at the spaceport",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Leave it empty when only the date is known.",
        error_messages={"invalid": "Give the time as 09:30."},
    )
    departure_precision = forms.ChoiceField(
        label="How exactly is it known?",
        choices=PRECISION_CHOICES,
        initial=Precision.DAY,
        help_text="Nobody is shown more than this.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a time where one is claimed to be known."""
        values: dict[str, Any] = super().clean() or {}
        precision = values.get("departure_precision")
        is_missing = values.get("departure_time") is None and "departure_time" not in self.errors
        if is_missing and precision and Precision(precision).has_clock_time:
            self.add_error("departure_time", "Give the time, or say that only the day is known.")
        return values

    def departure_at(self, *, zone: str) -> datetime:
        """Return the instant in a zone; needs a valid form."""
        at = self.cleaned_data["departure_time"] or time()
        return datetime.combine(self.cleaned_data["departure_date"], at, ZoneInfo(zone))

    @staticmethod
    def departure_initial(launch: "Launch") -> dict[str, Any]:
        """Return what the fields show of a launch's departure."""
        local = launch.departure_at.astimezone(ZoneInfo(launch.spaceport.time_zone))
        known = Precision(launch.departure_precision).has_clock_time
        return {
            "departure_date": local.date(),
            "departure_time": local.time() if known else None,
            "departure_precision": launch.departure_precision,
        }


class PlanForm(DepartureForm):
    """Everything about a launch that nobody has seen yet."""

    field_order = ("mission_name", "rocket_id", "destination_id", "spaceport_id", "departure_date", "departure_time",
                   "departure_precision", "price_amount", "price_currency", "seats_on_sale", "description")  # fmt: skip

    mission_name = forms.CharField(
        max_length=160, error_messages={"required": "Give the mission a name of 1 to 160 characters."}
    )
    description = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5}), label="Description for passengers"
    )
    rocket_id = forms.TypedChoiceField(label="Rocket", coerce=int, error_messages={"required": "Choose a rocket."})
    spaceport_id = forms.TypedChoiceField(
        label="Spaceport", coerce=int, error_messages={"required": "Choose a spaceport."}
    )
    destination_id = forms.TypedChoiceField(
        label="Destination", coerce=int, error_messages={"required": "Choose a destination."}
    )
    price_amount = forms.DecimalField(
        label="Price of a seat",
        min_value=Decimal("0.01"),
        max_digits=13,
        decimal_places=3,
        localize=False,
        error_messages={"required": "Give the price of a seat.", "min_value": "A seat's price is more than 0."},
    )
    price_currency = forms.ChoiceField(label="Currency", choices=[(code, code) for code in CURRENCIES])
    seats_on_sale = forms.IntegerField(
        label="Seats on sale",
        min_value=1,
        max_value=300,
        help_text="At most what the rocket's cabin has; they are taken from the nose backwards.",
        error_messages={"required": "Say how many seats are on sale."},
    )

    def __init__(self, *args: Any, actor: "User", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._spaceports = launch_selectors.spaceport_list()
        self.rockets = [rocket for rocket in launch_selectors.rocket_list(actor=actor) if rocket.is_active]
        ask: tuple[str, str] = ("", "Choose…")
        self._choices("rocket_id", [(r.pk, f"{r.name} ({r.get_range_display()})") for r in self.rockets], ask)
        self._choices("spaceport_id", [(s.pk, f"{s.name}, {s.country} ({s.time_zone})") for s in self._spaceports], ask)
        places = [
            (place.pk, f"{place.name} (needs {Range(place.required_range).label})")
            for place in launch_selectors.destination_list()
        ]
        self._choices("destination_id", places, ask)

    def _choices(self, name: str, choices: list[tuple[int, str]], ask: tuple[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - for the type checker
        field.choices = [ask, *choices]

    def plan(self) -> dict[str, Any]:
        """Return the arguments of `launch_draft` and `launch_draft_change`; needs a valid form."""
        values = {name: value for name, value in self.cleaned_data.items() if not name.startswith("departure_")}
        zone = next(port.time_zone for port in self._spaceports if port.pk == values["spaceport_id"])
        return {
            **values,
            "departure_at": self.departure_at(zone=zone),
            "departure_precision": self.cleaned_data["departure_precision"],
        }

    @classmethod
    def initial_of(cls, launch: "Launch") -> dict[str, Any]:
        """Return what the fields show of a draft."""
        return {
            **cls.departure_initial(launch),
            "mission_name": launch.mission_name,
            "description": launch.description,
            "rocket_id": launch.rocket_id,
            "spaceport_id": launch.spaceport_id,
            "destination_id": launch.destination_id,
            "price_amount": launch.price_amount.normalize().__format__("f"),
            "price_currency": launch.price_currency,
            "seats_on_sale": launch.seats_on_sale,
        }


class TextForm(forms.Form):
    """What may still change once a launch is published."""

    mission_name = forms.CharField(
        max_length=160, error_messages={"required": "Give the mission a name of 1 to 160 characters."}
    )
    price_amount = forms.DecimalField(
        label="Price of a seat",
        min_value=Decimal("0.01"),
        max_digits=13,
        decimal_places=3,
        help_text="Holds for seats that are not sold or held yet.",
        error_messages={"required": "Give the price of a seat.", "min_value": "A seat's price is more than 0."},
    )
    description = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6}), label="Description for passengers"
    )

    @staticmethod
    def initial_of(launch: "Launch") -> dict[str, Any]:
        """Return what the fields show of a launch."""
        return {
            "mission_name": launch.mission_name,
            "description": launch.description,
            "price_amount": launch.price_amount.normalize().__format__("f"),
        }


def reason_field() -> forms.CharField:
    """Return the field that asks why; passengers read the answer."""
    return forms.CharField(
        label="Reason",
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Everybody who has booked reads it. Up to {REASON_MAX} characters.",
        error_messages={"required": "Say why, in up to 300 characters; passengers will read it."},
    )


class DelayForm(DepartureForm):
    """A later departure and why."""

    reason = reason_field()


class MoveForm(forms.Form):
    """What a move asks before it is made."""

    def __init__(self, *args: Any, needs_reason: bool, typed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed = typed
        if needs_reason:
            self.fields["reason"] = reason_field()
        if typed:
            self.fields["confirmation"] = forms.CharField(
                label=f"Type the mission's name to go on: {typed}",
                max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                error_messages={"required": f"Type the mission's name, {typed}, to say that you mean this launch."},
            )

    def clean_confirmation(self) -> str:
        """Compare with the mission's name, whatever the case and the spaces."""
        given = " ".join(str(self.cleaned_data["confirmation"]).split())
        if given.casefold() != " ".join(self._typed.split()).casefold():
            raise forms.ValidationError(f"That is another name. Type {self._typed} to go on; nothing was changed.")
        return given
