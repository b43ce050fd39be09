"""Numbers of rows in addresses and forms."""

DIGITS_MAX = 18  # what PostgreSQL's bigint surely holds


def number_of(text: str) -> int | None:
    """Read a row's number from an address or a form; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None
