"""Columns that all tables of money share."""

from typing import Any

MONEY: Any = {"max_digits": 14, "decimal_places": 3}
