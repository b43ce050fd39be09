"""Staff screens: what was held, booked and quoted. All of it is read here; customers and suppliers change it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from bookings.models import (
    Booking,
    BookingHistory,
    CancellationQuote,
    Hold,
    Passenger,
    PassengerChange,
    Rebooking,
    SeatClaim,
    SlipDecision,
    WaitingEntry,
)
from common.admin import NoChanges, ReadOnlyAdmin, shown_as_json
from common.money import format_money


class PassengerInline(NoChanges, TabularInline):
    """Who flies."""

    model = Passenger
    fields = ("seat_label", "full_name", "email", "phone", "birth_date", "price", "refunded", "cancelled_at")
    readonly_fields = ("price", "refunded")
    ordering = ("seat_label", "id")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Passenger]:
        """Fetch the currency too."""
        rows: QuerySet[Passenger] = super().get_queryset(request)
        return rows.select_related("booking")

    @admin.display(description="price")
    def price(self, person: Passenger) -> str:
        """Show the price with its currency."""
        return format_money(person.price_amount, person.booking.price_currency)

    @admin.display(description="refunded")
    def refunded(self, person: Passenger) -> str:
        """Show what goes back, with its currency."""
        return format_money(person.refund_amount, person.booking.price_currency)


class HistoryInline(NoChanges, TabularInline):
    """What happened to a booking."""

    model = BookingHistory
    fields = ("changed_at", "actor", "origin", "old_status", "new_status", "reason")
    ordering = ("changed_at", "id")
    extra = 0


class ClaimInline(NoChanges, TabularInline):
    """The seats of a hold."""

    model = SeatClaim
    fields = ("launch_seat", "status", "held_until")
    extra = 0


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """Bookings in any state."""

    list_display = ("reference", "customer", "mission", "status", "price", "refunded", "created_at")
    list_filter = ("status", "cancel_cause", "price_currency", "created_at")
    list_select_related = ("customer", "launch")
    search_fields = ("=reference", "customer__email", "passengers__full_name", "launch__mission_name")
    search_help_text = "Reference, customer's e-mail, passenger, mission"
    ordering = ("-created_at", "-id")
    fields = (
        "reference",
        "status",
        "customer",
        "launch",
        "hold",
        "price",
        "refunded",
        "cancel_cause",
        "created_at",
        "confirmed_at",
        "cancelled_at",
        "policy",
        "version",
    )
    readonly_fields = ("price", "refunded", "policy")
    inlines = (PassengerInline, HistoryInline)

    @admin.display(description="launch", ordering="launch__mission_name")
    def mission(self, booking: Booking) -> str:
        """Show the mission's name."""
        return booking.launch.mission_name

    @admin.display(description="price", ordering="price_amount")
    def price(self, booking: Booking) -> str:
        """Show the price with its currency."""
        return format_money(booking.price_amount, booking.price_currency)

    @admin.display(description="refunded", ordering="refund_amount")
    def refunded(self, booking: Booking) -> str:
        """Show what goes back, with its currency."""
        return format_money(booking.refund_amount, booking.price_currency)

    @admin.display(description="policy at the moment of sale")
    def policy(self, booking: Booking) -> SafeString:
        """Show the cancellation policy as it was bought."""
        return shown_as_json(booking.policy_tiers)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Seats kept for customers."""

    list_display = ("id", "customer", "launch", "status", "created_at", "expires_at")
    list_filter = ("status", "created_at")
    list_select_related = ("customer", "launch")
    search_fields = ("=id", "customer__email", "launch__mission_name")
    ordering = ("-created_at", "-id")
    inlines = (ClaimInline,)


@admin.register(SeatClaim)
class SeatClaimAdmin(ReadOnlyAdmin):
    """Who has which seat."""

    list_display = ("launch", "launch_seat", "customer", "status", "held_until", "created_at")
    list_filter = ("status",)
    list_select_related = ("launch", "launch_seat", "customer")
    search_fields = ("launch__mission_name", "customer__email", "=launch_seat__label")
    ordering = ("-id",)


@admin.register(Passenger)
class PassengerAdmin(ReadOnlyAdmin):
    """Everybody who flies or was to fly."""

    list_display = ("full_name", "seat_label", "booking", "email", "phone", "cancelled_at")
    list_filter = (("cancelled_at", admin.EmptyFieldListFilter),)
    list_select_related = ("booking",)
    search_fields = ("full_name", "email", "=booking__reference")
    ordering = ("-id",)


@admin.register(BookingHistory)
class BookingHistoryAdmin(ReadOnlyAdmin):
    """Every move of every booking."""

    list_display = ("booking", "old_status", "new_status", "actor", "origin", "changed_at", "reason")
    list_filter = ("new_status", "origin")
    list_select_related = ("booking", "actor")
    search_fields = ("=booking__reference", "actor__email")
    ordering = ("-id",)


@admin.register(CancellationQuote)
class CancellationQuoteAdmin(ReadOnlyAdmin):
    """What customers were told they would get back."""

    list_display = ("booking", "percent", "amount", "created_at", "expires_at", "used_at")
    list_filter = (("used_at", admin.EmptyFieldListFilter),)
    list_select_related = ("booking",)
    search_fields = ("=id", "=booking__reference")
    ordering = ("-created_at", "-id")
    exclude = ("lines",)
    readonly_fields = ("lines_shown",)

    @admin.display(description="refund", ordering="refund_amount")
    def amount(self, quote: CancellationQuote) -> str:
        """Show the amount with its currency."""
        return format_money(quote.refund_amount, quote.refund_currency)

    @admin.display(description="lines")
    def lines_shown(self, quote: CancellationQuote) -> SafeString:
        """Show a line a passenger."""
        return shown_as_json(quote.lines)


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyAdmin):
    """Who waits for seats of which launch, and who was offered some."""

    list_display = ("id", "customer", "launch", "party", "status", "joined_at", "offered_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("customer", "launch")
    search_fields = ("customer__email", "launch__mission_name")
    ordering = ("-id",)


@admin.register(PassengerChange)
class PassengerChangeAdmin(ReadOnlyAdmin):
    """What was corrected or replaced, by whom."""

    list_display = ("passenger", "field", "old_value", "new_value", "is_replacement", "actor", "origin", "changed_at")
    list_filter = ("field", "is_replacement", "origin")
    list_select_related = ("passenger", "actor")
    search_fields = ("=passenger__booking__reference", "actor__email")
    ordering = ("-id",)


@admin.register(Rebooking)
class RebookingAdmin(ReadOnlyAdmin):
    """Moves of bookings to other launches."""

    list_display = ("booking", "from_launch", "to_launch", "status", "created_at", "done_at")
    list_filter = ("status",)
    list_select_related = ("booking", "from_launch", "to_launch")
    search_fields = ("=id", "=booking__reference")
    ordering = ("-created_at", "-id")


@admin.register(SlipDecision)
class SlipDecisionAdmin(ReadOnlyAdmin):
    """What customers were asked about slips, and what they answered."""

    list_display = ("booking", "launch", "status", "deadline_at", "decided_at", "reminders_sent")
    list_filter = ("status",)
    list_select_related = ("booking", "launch")
    search_fields = ("=id", "=booking__reference")
    ordering = ("-created_at", "-id")
