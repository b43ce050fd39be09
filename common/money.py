"""Decimal amounts with a currency; the only place that rounds (half-even, to the currency's minor unit, ISO 4217)."""

from decimal import ROUND_HALF_EVEN, Decimal

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
CURRENCIES = ("USD", "EUR", "GBP", "JPY")


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round an amount half-even to the currency's minor unit."""
    digits = _MINOR_DIGITS.get(currency, 2)
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def percent_of(amount: Decimal, percent: Decimal | int, currency: str) -> Decimal:
    """Return so many percent of an amount, rounded."""
    return round_money(amount * Decimal(percent) / 100, currency)


def format_exact(amount: Decimal, currency: str, language: str = "en") -> str:
    """Say an amount for a column of figures whose head names the currency: "450,000.00", "-5.00", "450 000,00"."""
    value = round_money(Decimal(amount), currency)
    number = f"{value:,.{_MINOR_DIGITS.get(currency, 2)}f}"
    return _spanish_figures(number, value) if language == "es" else number


def format_money(amount: Decimal, currency: str, language: str = "en") -> str:
    """
    Say an amount: "$450,000", "$450,000.50", "CHF 12.30". Cents show only when there are any.

    The sign stands before the symbol ("-$5"). In Spanish: "450 000,50 USD", in the way that reads alike in all of
    its countries, where "450.000" is half a million in one and four hundred in another.
    """
    value = round_money(Decimal(amount), currency)
    digits = _MINOR_DIGITS.get(currency, 2)
    number = f"{abs(value):,.{digits}f}" if value != value.to_integral_value() else f"{abs(value):,.0f}"
    if language == "es":
        return f"{'-' if value < 0 else ''}{_spanish_figures(number, value)} {currency}"
    symbol = _SYMBOLS.get(currency)
    said = f"{symbol}{number}" if symbol else f"{currency} {number}"
    return f"-{said}" if value < 0 else said


def _spanish_figures(number: str, value: Decimal) -> str:
    # Figures of four digits are written together (Ortografía de la lengua española, 2010).
    return number.replace(",", " " if abs(value) >= 10_000 else "").replace(".", ",")
