"""Launches, their seats, history and addresses: read only, moved by actions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline

from common.admin import NoChanges, ReadOnlyAdmin
from common.money import format_money
from launches import services
from launches.admin.mixins import Moving
from launches.models import Launch, LaunchHistory, LaunchSeat, LaunchSlug


class LaunchSeatInline(NoChanges, TabularInline):
    """The seats on sale."""

    model = LaunchSeat
    fields = ("label", "row", "column", "is_window", "is_exit", "is_blocked")
    ordering = ("row", "column", "id")
    extra = 0
    tab = True


class LaunchHistoryInline(NoChanges, TabularInline):
    """Every change."""

    model = LaunchHistory
    fields = ("changed_at", "field", "old_value", "new_value", "reason", "actor", "origin")
    ordering = ("-changed_at", "-id")
    extra = 0
    tab = True


@admin.register(Launch)
class LaunchAdmin(Moving, ReadOnlyAdmin):
    """Launches: read-only; the moves of the status machine are actions."""

    list_display = ("slug", "supplier", "mission_name", "departure", "status", "price", "seats_on_sale")
    list_filter = ("status", "departure_precision", "destination", "spaceport")
    list_select_related = ("supplier", "rocket", "spaceport", "destination")
    search_fields = ("slug", "mission_name", "supplier__trade_name", "rocket__name")
    date_hierarchy = "departure_at"
    ordering = ("departure_at", "id")
    inlines = (LaunchSeatInline, LaunchHistoryInline)
    actions = ("publish", "confirm", "record_launched", "record_failed", "abort")

    @admin.display(description="Departure", ordering="departure_at")
    def departure(self, launch: Launch) -> str:
        """Say it as exactly as is honest."""
        return launch.departure_text

    @admin.display(description="Price a seat", ordering="price_amount")
    def price(self, launch: Launch) -> str:
        """Say it with its currency."""
        return format_money(launch.price_amount, launch.price_currency)

    def _move(self, request: HttpRequest, queryset: QuerySet[Launch], done: str, move: Callable[..., Launch]) -> None:
        actor: Any = request.user
        now = timezone.now()
        self.run(request, queryset, done, lambda row: move(actor=actor, launch_id=row.pk, now=now))

    def _move_why(
        self, request: HttpRequest, queryset: QuerySet[Launch], done: str, move: Callable[..., Launch]
    ) -> None:
        reason = request.POST.get("reason", "")
        self._move(request, queryset, done, lambda **common: move(reason=reason, **common))

    @admin.action(description="Publish", permissions=["move"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Launch]) -> None:
        """Put drafts on sale."""
        self._move(request, queryset, "published", services.launch_schedule)

    @admin.action(description="Confirm", permissions=["move"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Launch]) -> None:
        """Declare launches viable."""
        self._move(request, queryset, "confirmed", services.launch_confirm)

    @admin.action(description="Record: launched", permissions=["move"])
    def record_launched(self, request: HttpRequest, queryset: QuerySet[Launch]) -> None:
        """Record a success."""
        self._move(request, queryset, "recorded as launched", services.launch_mark_launched)

    @admin.action(description="Record: failed (reason); refunds everybody", permissions=["move"])
    def record_failed(self, request: HttpRequest, queryset: QuerySet[Launch]) -> None:
        """Record a failure."""
        self._move_why(request, queryset, "recorded as failed", services.launch_mark_failed)

    @admin.action(description="Abort (reason); refunds everybody", permissions=["move"])
    def abort(self, request: HttpRequest, queryset: QuerySet[Launch]) -> None:
        """Call launches off for good."""
        self._move_why(request, queryset, "aborted", services.launch_abort)


@admin.register(LaunchHistory)
class LaunchHistoryAdmin(ReadOnlyAdmin):
    """Every change of every launch."""

    list_display = ("changed_at", "launch", "field", "old_value", "new_value", "reason", "actor", "origin")
    list_filter = ("field", "origin")
    list_select_related = ("launch", "actor")
    search_fields = ("launch__slug", "reason")
    ordering = ("-changed_at", "-id")


@admin.register(LaunchSlug)
class LaunchSlugAdmin(ReadOnlyAdmin):
    """Addresses that redirect."""

    list_display = ("slug", "launch")
    list_select_related = ("launch",)
    search_fields = ("slug", "launch__slug")
    ordering = ("slug",)


@admin.register(LaunchSeat)
class LaunchSeatAdmin(ReadOnlyAdmin):
    """Every seat on offer."""

    list_display = ("label", "launch", "row", "column", "is_window", "is_exit", "is_blocked")
    list_select_related = ("launch",)
    search_fields = ("launch__slug", "label")
    ordering = ("launch_id", "id")
