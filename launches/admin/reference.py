"""What launches refer to: spaceports, destinations, cancellation policies."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from launches.admin.mixins import ShownByLaunches
from launches.models import CancellationPolicy, Destination, Spaceport


class _Undeletable(ModelAdmin):
    """Rows that others refer to."""

    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Launches name them."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A code stands in addresses and stays what it is."""
        return (*self.readonly_fields, "code") if obj else self.readonly_fields


@admin.register(Spaceport)
class SpaceportAdmin(ShownByLaunches, _Undeletable):
    """Places rockets leave from."""

    list_display = ("name", "code", "country", "time_zone", "latitude", "longitude")
    search_fields = ("name", "code", "country")
    ordering = ("name", "id")


@admin.register(Destination)
class DestinationAdmin(ShownByLaunches, _Undeletable):
    """Where passengers go."""

    list_display = ("name", "code", "required_range", "body")
    list_filter = ("required_range",)
    search_fields = ("name", "code")
    ordering = ("name", "id")


class PolicyForm(forms.ModelForm):
    """A policy whose tiers refunds can be counted with."""

    class Meta:
        model = CancellationPolicy
        fields = ("code", "name", "tiers")

    def clean_tiers(self) -> list[dict[str, int]]:
        """Take tiers of whole months and percents only, longest first."""
        tiers = self.cleaned_data["tiers"]
        is_list = isinstance(tiers, list) and all(isinstance(tier, dict) for tier in tiers)
        if not is_list or not all(set(tier) == {"months", "percent"} for tier in tiers):
            raise forms.ValidationError('Write a list like [{"months": 12, "percent": 90}].')
        pairs = [(tier["months"], tier["percent"]) for tier in tiers]
        if not all(type(value) is int for pair in pairs for value in pair):
            raise forms.ValidationError("Months and percents are whole numbers.")
        if not all(0 <= months <= 120 and 0 <= percent <= 100 for months, percent in pairs):
            raise forms.ValidationError("Months go from 0 to 120, percents from 0 to 100.")
        if [months for months, _ in pairs] != sorted({months for months, _ in pairs}, reverse=True):
            raise forms.ValidationError("Put the tier with the most months first; each number of months once.")
        return list(tiers)


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(ShownByLaunches, _Undeletable):
    """How much comes back when; bookings keep the policy they were sold under."""

    form = PolicyForm
    list_display = ("name", "code", "tiers")
    search_fields = ("name", "code")
    ordering = ("name", "id")
