"""What is offered, in the admin: found and read; states move through the same services as everywhere."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.enums import EmployeeRole
from common.errors import DomainError
from common.money import format_money
from launches import services
from launches.enums import SupplierStatus
from launches.models import (
    CabinSeat,
    CancellationPolicy,
    Destination,
    Launch,
    LaunchHistory,
    LaunchSeat,
    LaunchSlug,
    Rocket,
    Spaceport,
    Supplier,
    SupplierMember,
)


class ReasonForm(ActionForm):
    """The list's action, with room to say why."""

    reason = forms.CharField(
        required=False,
        max_length=300,
        label="",
        widget=UnfoldAdminTextInputWidget({"placeholder": "Reason, if the action needs one"}),
    )


class _ReadOnly:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Services make these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services change these rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing here is deleted."""
        return False


class _Moving:
    """Actions on states: for support and admins, one service call a row, refusals told row by row."""

    action_form = ReasonForm

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Let those move states whom the services let too."""
        return getattr(request.user, "employee_role", "") in (EmployeeRole.SUPPORT, EmployeeRole.ADMIN)

    def run(self, request: HttpRequest, queryset: QuerySet[Any], done: str, call: Callable[[Any], object]) -> None:
        """Call a service for each chosen row and say how it went."""
        count = 0
        for row in queryset.order_by("pk"):
            try:
                call(row)
                count += 1
            except DomainError as error:
                sentence = " ".join(dict.fromkeys([error.message, *error.fields.values()]))
                messages.error(request, f"{row}: {sentence}")
        if count:
            messages.success(request, f"{count} {done}.")


class MemberInline(_ReadOnly, TabularInline):
    """Who works for a supplier."""

    model = SupplierMember
    fields = ("user", "role")
    extra = 0


class SupplierForm(forms.ModelForm):
    """A supplier's data; the model's own check is not asked, for its status is not on the form."""

    class Meta:
        model = Supplier
        fields = ("trade_name", "description", "contact_email", "legal_name", "tax_id", "legal_address")

    def clean(self) -> dict[str, Any]:
        """Keep the legal data of a supplier that sells."""
        values = super().clean() or {}
        if self.instance.status == SupplierStatus.APPROVED:
            for name in ("legal_name", "tax_id", "legal_address"):
                if name not in self.errors and not values.get(name):
                    self.add_error(name, "An approved supplier needs its legal name, tax id and legal address.")
        return values


class _ShownByLaunches:
    """Launches show this row's name: a change is told to their documents."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; Django's change form holds the transaction."""
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        if change:
            services.launches_touch(launches=obj.launches.all(), field=type(obj).__name__.lower())


@admin.register(Supplier)
class SupplierAdmin(_ShownByLaunches, _Moving, ModelAdmin):
    """Launch companies: their data can be corrected, their approval is an action."""

    form = SupplierForm
    list_display = ("trade_name", "status", "contact_email", "legal_name", "tax_id", "created_at")
    list_filter = ("status",)
    search_fields = ("trade_name", "legal_name", "contact_email", "tax_id")
    ordering = ("trade_name", "id")
    readonly_fields = ("slug", "status", "feed_id", "created_at")
    inlines = (MemberInline,)
    actions = ("approve", "suspend")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Suppliers apply; they are not typed in here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Launches and invoices name them."""
        return False

    @admin.action(description="Approve: may sell", permissions=["move"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> None:
        """Let the chosen suppliers sell."""
        actor: Any = request.user
        self.run(request, queryset, "approved", lambda row: services.supplier_approve(actor=actor, supplier_id=row.pk))

    @admin.action(description="Suspend: may not sell (reason)", permissions=["move"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> None:
        """Stop the sales of the chosen suppliers."""
        actor: Any = request.user
        reason = request.POST.get("reason", "")
        self.run(
            request,
            queryset,
            "suspended",
            lambda row: services.supplier_suspend(actor=actor, supplier_id=row.pk, reason=reason),
        )


class CabinSeatInline(_ReadOnly, TabularInline):
    """The seats of a rocket."""

    model = CabinSeat
    fields = ("label", "row", "column", "is_window", "is_exit", "is_blocked")
    ordering = ("row", "column", "id")
    extra = 0


@admin.register(Rocket)
class RocketAdmin(ModelAdmin):
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
class SpaceportAdmin(_ShownByLaunches, _Undeletable):
    """Places rockets leave from."""

    list_display = ("name", "code", "country", "time_zone", "latitude", "longitude")
    search_fields = ("name", "code", "country")
    ordering = ("name", "id")


@admin.register(Destination)
class DestinationAdmin(_ShownByLaunches, _Undeletable):
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
class CancellationPolicyAdmin(_ShownByLaunches, _Undeletable):
    """How much comes back when; bookings keep the policy they were sold under."""

    form = PolicyForm
    list_display = ("name", "code", "tiers")
    search_fields = ("name", "code")
    ordering = ("name", "id")


class LaunchSeatInline(_ReadOnly, TabularInline):
    """The seats on sale."""

    model = LaunchSeat
    fields = ("label", "row", "column", "is_window", "is_exit", "is_blocked")
    ordering = ("row", "column", "id")
    extra = 0
    tab = True


class LaunchHistoryInline(_ReadOnly, TabularInline):
    """Every change."""

    model = LaunchHistory
    fields = ("changed_at", "field", "old_value", "new_value", "reason", "actor", "origin")
    ordering = ("-changed_at", "-id")
    extra = 0
    tab = True


@admin.register(Launch)
class LaunchAdmin(_Moving, _ReadOnly, ModelAdmin):
    """Launches: read-only; the moves of the status machine are actions."""

    list_display = ("slug", "supplier", "mission_name", "departure", "status", "price", "seats_on_sale")
    list_filter = ("status", "departure_precision", "destination", "spaceport")
    list_select_related = ("supplier", "rocket", "spaceport", "destination")
    search_fields = ("slug", "mission_name", "supplier__trade_name", "rocket__name")
    date_hierarchy = "departure_at"
    ordering = ("departure_at", "id")
    inlines = (LaunchSeatInline, LaunchHistoryInline)
    actions = ("publish", "confirm", "record_launched", "record_failed", "abort")
    show_full_result_count = False

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


@admin.register(SupplierMember)
class SupplierMemberAdmin(_ReadOnly, ModelAdmin):
    """Who works for whom."""

    list_display = ("user", "supplier", "role")
    list_filter = ("role",)
    list_select_related = ("user", "supplier")
    search_fields = ("user__email", "supplier__trade_name")
    ordering = ("supplier__trade_name", "id")
    show_full_result_count = False


@admin.register(LaunchHistory)
class LaunchHistoryAdmin(_ReadOnly, ModelAdmin):
    """Every change of every launch."""

    list_display = ("changed_at", "launch", "field", "old_value", "new_value", "reason", "actor", "origin")
    list_filter = ("field", "origin")
    list_select_related = ("launch", "actor")
    search_fields = ("launch__slug", "reason")
    ordering = ("-changed_at", "-id")
    show_full_result_count = False


@admin.register(LaunchSlug)
class LaunchSlugAdmin(_ReadOnly, ModelAdmin):
    """Addresses that redirect."""

    list_display = ("slug", "launch")
    list_select_related = ("launch",)
    search_fields = ("slug", "launch__slug")
    ordering = ("slug",)
    show_full_result_count = False


@admin.register(LaunchSeat)
class LaunchSeatAdmin(_ReadOnly, ModelAdmin):
    """Every seat on offer."""

    list_display = ("label", "launch", "row", "column", "is_window", "is_exit", "is_blocked")
    list_select_related = ("launch",)
    search_fields = ("launch__slug", "label")
    ordering = ("launch_id", "id")
    show_full_result_count = False


@admin.register(CabinSeat)
class CabinSeatAdmin(_ReadOnly, ModelAdmin):
    """Every seat of every rocket."""

    list_display = ("label", "rocket", "row", "column", "is_window", "is_exit", "is_blocked")
    list_select_related = ("rocket",)
    search_fields = ("rocket__name", "label")
    ordering = ("rocket_id", "id")
    show_full_result_count = False
