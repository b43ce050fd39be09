"""Card details: read once, never shown again."""

from typing import Any

from django import forms

from finance.services import Card, Means


class _Unshown(forms.TextInput):
    """A field whose content is never written back into a page."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


def _field(label: str, sentence: str, length: int) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, widget=_Unshown, error_messages={"required": sentence, "max_length": sentence}
    )


class CardForm(forms.Form):
    """A card on its way to the gateway."""

    use_required_attribute = False
    number = _field("Card number", "Enter the card number as it stands on the card, 12 to 19 digits.", 30)
    expiry = _field("Expiry date", "Enter the expiry date as month and year, like 08/29.", 10)
    code = _field("Security code", "Enter the 3 or 4 digit security code.", 6)

    @property
    def card(self) -> Means:
        """The card as the gateway takes it."""
        return Card(**self.cleaned_data)


class NoCardForm(forms.Form):
    """Asks for nothing: the gateway's own form will."""

    card: Means = None


class ChallengeForm(forms.Form):
    """The code that the card's bank sent."""

    use_required_attribute = False
    code = _field("Code from your bank", "Enter the code that your bank sent you.", 20)
