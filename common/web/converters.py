"""Parts of addresses; registered once when the app starts."""

from django.urls import register_converter


class IdConverter:
    """A number that fits PostgreSQL's bigint; longer ones are no address of ours (404)."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Read it."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Write it."""
        return str(value)


def register() -> None:
    """Make `<id:...>` known."""
    register_converter(IdConverter, "id")
