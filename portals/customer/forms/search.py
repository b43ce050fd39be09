"""Finding launches: the same fields on the landing page and in the catalogue."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.text import capfirst

from launches import selectors as launch_selectors
from launches.selectors import CatalogueFilters

SORTS = (
    ("departure", "Leaving first"),
    ("price", "Lowest price"),
    ("-price", "Highest price"),
    ("-departure", "Leaving last"),
)
_DATE = {"invalid": "Enter a date like 2027-03-14, or leave it empty."}


def _date(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), error_messages=_DATE
    )


def _choice(label: str, choices: list[tuple[str, str]], word: str) -> forms.ChoiceField:
    sentence = f"There is no launch on sale for that {word}. Choose one from the list."
    return forms.ChoiceField(label=label, required=False, choices=choices, error_messages={"invalid_choice": sentence})


class SearchForm(forms.Form):
    """What a reader narrows launches by; every field may be empty."""

    q = forms.CharField(
        label="Search", required=False, max_length=100,
        error_messages={"max_length": "Shorten the search to 100 characters."},
    )  # fmt: skip
    date_from = _date("Leaving from")
    date_to = _date("Leaving until")
    max_price = forms.DecimalField(
        label="Highest price a seat", required=False, min_value=0, max_digits=14, decimal_places=2,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            "Enter the highest price as a number, like 500000.",
        ),
    )  # fmt: skip
    travellers = forms.TypedChoiceField(
        label="Travellers",
        required=False,
        coerce=int,
        empty_value=None,
    )
    sort = forms.ChoiceField(
        label="Sort by", required=False, choices=SORTS,
        error_messages={"invalid_choice": "Choose an order from the list."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, now: datetime, party_max: int) -> None:
        """Offer parties up to the reader's own limit of seats on one launch."""
        super().__init__(data)
        party = self.fields["travellers"]
        party.choices = [("", "Any number"), *((str(n), str(n)) for n in range(1, party_max + 1))]  # type: ignore[attr-defined]
        party.error_messages["invalid_choice"] = f"Choose 1 to {party_max} travellers: so many you can book together."
        places = [(place.code, capfirst(place.name)) for place in launch_selectors.destinations_on_sale(now=now)]
        ports = [(port.code, port.name) for port in launch_selectors.spaceports_on_sale(now=now)]
        suppliers = [(one.slug, one.trade_name) for one in launch_selectors.suppliers_on_sale(now=now)]
        self.fields["destination"] = _choice("Where to", [("", "Anywhere above 100 km"), *places], "destination")
        self.fields["spaceport"] = _choice("Spaceport", [("", "Any spaceport"), *ports], "spaceport")
        self.fields["supplier"] = _choice("Supplier", [("", "Any supplier"), *suppliers], "supplier")

    def clean(self) -> dict[str, Any]:
        """Compare the two dates."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("date_from"), values.get("date_to")
        if first and last and last < first:
            self.add_error("date_to", "Choose a last date that is not before the first.")
        return values

    @property
    def answers(self) -> dict[str, Any]:
        """What is filled in and right; wrong fields narrow nothing."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}

    @property
    def party(self) -> int:
        """How many seats the party needs; 0 when not said."""
        return int(self.answers.get("travellers", 0))

    def filters(self) -> CatalogueFilters:
        """Return the answers as the catalogue wants them."""
        said = self.answers
        return CatalogueFilters(
            text=said.get("q", ""),
            destination=said.get("destination", ""),
            spaceport=said.get("spaceport", ""),
            supplier=said.get("supplier", ""),
            date_from=said.get("date_from"),
            date_to=said.get("date_to"),
            price_max=said.get("max_price"),
        )

    def query(self, **more: str) -> str:
        """Return the answers as a short query string, with its question mark; '' when nothing is asked."""
        pairs = {name: str(value) for name, value in {**self.answers, **more}.items()}
        if pairs.get("sort") == SORTS[0][0]:
            del pairs["sort"]  # the order one gets anyway
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(set(self.answers) - {"sort"})

    @property
    def is_detailed(self) -> bool:
        """Whether a field is used, or wrong, that stands under "More filters"."""
        return bool({"max_price", "spaceport", "supplier"} & {*self.answers, *self.errors})
