"""What the pages ask: shapes only; the rules are the services'."""

from datetime import UTC
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from notifications.webhooks.event_types import EventType

if TYPE_CHECKING:
    from notifications.webhooks.models import WebhookEndpoint


class EndpointForm(forms.Form):
    """Where a receiver is, and what it wants to hear of."""

    url = forms.CharField(
        label="Address of your receiver",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/webhooks", "autocomplete": "off"}),
        help_text="https on port 443 or 8443, reachable from the internet.",
        error_messages={
            "required": "Give the address, like https://example.com/webhooks.",
            "max_length": "Give an address of at most 500 characters.",
        },
    )
    description = forms.CharField(
        label="What is it for?",
        required=False,
        max_length=200,
        help_text="For you and your colleagues.",
        error_messages={"max_length": "Describe it in at most 200 characters."},
    )
    event_types = forms.MultipleChoiceField(
        label="Events",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event.", "invalid_choice": "Choose events from the list."},
    )

    def __init__(self, *args: Any, published: list[EventType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["event_types"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(one.name, f"{one.name}: {one.description}") for one in published]

    @staticmethod
    def initial_of(endpoint: "WebhookEndpoint") -> dict[str, Any]:
        """Return what the fields show of an endpoint."""
        return {
            "url": endpoint.url,
            "description": endpoint.description,
            "event_types": list(endpoint.event_types),
        }


class ReplayForm(forms.Form):
    """Since when, and what, is to be sent again."""

    since = forms.DateTimeField(
        label="Since (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={
            "required": "Give the day and time, like 2027-03-14 09:30.",
            "invalid": "Give the day and time like 2027-03-14 09:30.",
        },
    )
    which = forms.ChoiceField(
        label="What",
        choices=[("failed", "Only what we gave up on"), ("all", "Everything, also what your receiver has taken")],
        widget=forms.RadioSelect,
        initial="failed",
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )

    def clean_since(self) -> Any:
        """Read it as UTC, whatever the reader's zone."""
        return timezone.localtime(self.cleaned_data["since"], UTC)
