"""What comes in and what goes out."""

from typing import Any

from rest_framework import serializers

from bookings.models import Booking, CancellationQuote, Hold
from bookings.selectors import CatalogueEntry, SeatState
from common.money import round_money

BIGINT_MAX = 2**63 - 1


class Plain(serializers.Serializer[Any]):
    """A serializer that only describes; the dictionaries below are built by functions."""


class MoneyField(serializers.CharField):
    """A decimal amount as text, e.g. "450000.00"; the currency stands beside it."""


# --- out ------------------------------------------------------------
class OfferOutput(Plain):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    mission_name = serializers.CharField()
    status = serializers.CharField()
    supplier = serializers.CharField()
    rocket = serializers.CharField()
    destination = serializers.CharField()
    spaceport = serializers.CharField()
    time_zone = serializers.CharField()
    departure_at = serializers.DateTimeField(help_text="UTC; a placeholder beyond `departure_precision`")
    departure_precision = serializers.CharField()
    departure_text = serializers.CharField(help_text="as exactly as is honest, at the spaceport")
    price_amount = MoneyField()
    price_currency = serializers.CharField()
    seats_total = serializers.IntegerField()
    seats_left = serializers.IntegerField()


class SeatOutput(Plain):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    row = serializers.IntegerField()
    column = serializers.IntegerField()
    is_window = serializers.BooleanField()
    is_exit = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["free", "mine", "sold", "held", "blocked"])


class OfferDetailOutput(OfferOutput):
    description = serializers.CharField()
    seats = SeatOutput(many=True)


class OfferListOutput(Plain):
    results = OfferOutput(many=True)
    next_cursor = serializers.CharField(help_text="'' on the last page")


class HoldOutput(Plain):
    id = serializers.UUIDField()
    launch_id = serializers.IntegerField()
    status = serializers.CharField()
    seats = serializers.ListField(child=serializers.CharField(), help_text="labels, in passenger order")
    price_amount = MoneyField(help_text="a seat")
    price_currency = serializers.CharField()
    expires_at = serializers.DateTimeField()
    is_extendable = serializers.BooleanField(help_text="whether it can be kept some minutes longer, while it runs")


class PassengerOutput(Plain):
    id = serializers.IntegerField()
    seat = serializers.CharField()
    full_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    birth_date = serializers.DateField()
    price_amount = MoneyField()
    refund_amount = MoneyField()
    is_cancelled = serializers.BooleanField()


class BookingOutput(Plain):
    reference = serializers.CharField()
    status = serializers.CharField()
    launch_id = serializers.IntegerField()
    launch = serializers.CharField()
    departure_text = serializers.CharField()
    price_amount = MoneyField()
    price_currency = serializers.CharField()
    refund_amount = MoneyField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="while it waits for payment")
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    passengers = PassengerOutput(many=True)


class BookingListOutput(Plain):
    results = BookingOutput(many=True)
    next_cursor = serializers.CharField()


class SupplierPassengerOutput(PassengerOutput):
    full_name = serializers.CharField(required=False, help_text="for owners, operators and the gate")
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    birth_date = serializers.DateField(required=False)
    price_amount = MoneyField(required=False, help_text="for owners and finance")
    refund_amount = MoneyField(required=False)


class SupplierBookingOutput(BookingOutput):
    price_amount = MoneyField(required=False, help_text="for owners and finance")
    refund_amount = MoneyField(required=False)
    passengers = SupplierPassengerOutput(many=True)


class SupplierBookingListOutput(Plain):
    results = SupplierBookingOutput(many=True)
    next_cursor = serializers.CharField()


class QuoteLineOutput(Plain):
    passenger_id = serializers.IntegerField()
    seat = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField()
    percent = serializers.IntegerField()
    refund = MoneyField()


class QuoteOutput(Plain):
    id = serializers.UUIDField()
    percent = serializers.IntegerField()
    refund_amount = MoneyField()
    refund_currency = serializers.CharField()
    expires_at = serializers.DateTimeField()
    lines = QuoteLineOutput(many=True)


# --- in -------------------------------------------------------------
class HoldInput(Plain):
    launch_id = serializers.IntegerField(min_value=1, max_value=BIGINT_MAX)
    seat_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGINT_MAX), required=False, max_length=20
    )
    party = serializers.IntegerField(
        min_value=1, max_value=20, required=False, help_text="so many of the best free seats, instead of seat_ids"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either seats or a party, not both."""
        if bool(attrs.get("seat_ids")) == bool(attrs.get("party")):
            raise serializers.ValidationError({"seat_ids": "Send either seat_ids or party, and not both."})
        return attrs


class PassengerInputSerializer(Plain):
    full_name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254)
    phone = serializers.CharField(max_length=40, help_text="with country code")
    birth_date = serializers.DateField()


class BookingInput(Plain):
    hold_id = serializers.UUIDField()
    passengers = PassengerInputSerializer(many=True, allow_empty=False)


class QuoteInput(Plain):
    passenger_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGINT_MAX), required=False, max_length=20
    )


class CancellationInput(Plain):
    quote_id = serializers.UUIDField()


# --- builders -------------------------------------------------------
def offer_body(entry: CatalogueEntry[Any]) -> dict[str, Any]:
    """Say an offer, or the launch itself."""
    launch = entry.launch
    return {
        "id": launch.pk,
        "slug": launch.slug,
        "title": launch.title,
        "mission_name": launch.mission_name,
        "status": launch.status,
        "supplier": launch.supplier.trade_name,
        "rocket": launch.rocket.name,
        "destination": launch.destination.name,
        "spaceport": launch.spaceport.name,
        "time_zone": launch.spaceport.time_zone,
        "departure_at": launch.departure_at,
        "departure_precision": launch.departure_precision,
        "departure_text": launch.departure_text,
        "price_amount": money_text(launch.price_amount, launch.price_currency),
        "price_currency": launch.price_currency,
        "seats_total": entry.seats_total,
        "seats_left": entry.seats_left,
    }


def seat_body(seat: SeatState) -> dict[str, Any]:
    """Say a seat."""
    return {
        "id": seat.id,
        "label": seat.label,
        "row": seat.row,
        "column": seat.column,
        "is_window": seat.is_window,
        "is_exit": seat.is_exit,
        "state": seat.state,
    }


def hold_body(hold: Hold) -> dict[str, Any]:
    """Say a hold."""
    return {
        "id": str(hold.pk),
        "launch_id": hold.launch_id,
        "status": hold.status,
        "seats": list(dict.fromkeys(claim.launch_seat.label for claim in hold.claims.all())),
        "price_amount": money_text(hold.price_amount, hold.price_currency),
        "price_currency": hold.price_currency,
        "expires_at": hold.expires_at,
        "is_extendable": hold.is_extendable,
    }


def booking_body_for_supplier(booking: Booking, *, shows_money: bool, shows_passengers: bool) -> dict[str, Any]:
    """Say a booking to a supplier's member: amounts to those who count money, particulars to those who meet people."""
    body = booking_body(booking)
    if not shows_passengers:
        for one in body["passengers"]:
            for field in ("full_name", "email", "phone", "birth_date"):
                del one[field]
    if not shows_money:
        for part in (body, *body["passengers"]):
            del part["price_amount"], part["refund_amount"]
    return body


def booking_body(booking: Booking) -> dict[str, Any]:
    """Say a booking."""
    currency = booking.price_currency
    return {
        "reference": booking.reference,
        "status": booking.status,
        "launch_id": booking.launch_id,
        "launch": booking.launch.title,
        "departure_text": booking.launch.departure_text,
        "price_amount": money_text(booking.price_amount, currency),
        "price_currency": currency,
        "refund_amount": money_text(booking.refund_amount, currency),
        "expires_at": booking.hold.expires_at if booking.status == "pending" else None,
        "created_at": booking.created_at,
        "confirmed_at": booking.confirmed_at,
        "cancelled_at": booking.cancelled_at,
        "passengers": [
            {
                "id": one.pk,
                "seat": one.seat_label,
                "full_name": one.full_name,
                "email": one.email,
                "phone": one.phone,
                "birth_date": one.birth_date,
                "price_amount": money_text(one.price_amount, currency),
                "refund_amount": money_text(one.refund_amount, currency),
                "is_cancelled": one.cancelled_at is not None,
            }
            for one in booking.passengers.all()
        ],
    }


def quote_body(quote: CancellationQuote) -> dict[str, Any]:
    """Say a quote."""
    return {
        "id": str(quote.pk),
        "percent": quote.percent,
        "refund_amount": money_text(quote.refund_amount, quote.refund_currency),
        "refund_currency": quote.refund_currency,
        "expires_at": quote.expires_at,
        "lines": quote.lines,
    }


def money_text(amount: Any, currency: str) -> str:
    """Say an amount, rounded to what its currency knows."""
    return str(round_money(amount, currency))
