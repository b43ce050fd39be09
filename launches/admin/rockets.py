"""Vehicles and their cabins."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from common.admin import NoChanges, ReadOnlyAdmin
from launches.admin.mixins import ShownByLaunches
from launches.models import CabinSeat, Rocket


class CabinSeatInline(NoChanges, TabularInline):
    """The seats of a rocket."""

    model = CabinSeat
    fields = ("label", "row", "column", "is_window", "is_exit", "is_blocked")
    ordering = ("row", "column", "id")
    extra = 0


@admin.register(Rocket)
class RocketAdmin(ShownByLaunches, ModelAdmin):
    """Vehicles: texts and whether they fly can be changed, cabins are generated."""

    list_display = ("name", "supplier", "range", "is_active")
    list_filter = ("range", "is_active")
    list_select_related = ("supplier",)
    search_fields = ("name", "supplier__trade_name")
    ordering = ("name", "id")
    readonly_fields = ("supplier", "name", "range", "feed_id")
    inlines = (CabinSeatInline,)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A rocket comes with a cabin: suppliers and imports make them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Launches name them; one that no longer flies is set inactive."""
        return False


@admin.register(CabinSeat)
class CabinSeatAdmin(ReadOnlyAdmin):
    """Every seat of every rocket."""

    list_display = ("label", "rocket", "row", "column", "is_window", "is_exit", "is_blocked")
    list_select_related = ("rocket",)
    search_fields = ("rocket__name", "label")
    ordering = ("rocket_id", "id")
