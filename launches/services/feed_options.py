"""What the operator of an import decides instead of the feed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.errors import InvalidInput
from launches import policies
from launches.services import planning

SEATS_DEFAULT = 6
PRICE_DEFAULT = Decimal(250_000)
CURRENCY_DEFAULT = "USD"


@dataclass(frozen=True, kw_only=True)
class FeedOptions:
    """
    What the operator decides instead of the feed; None leaves new launches at the default and old ones alone.

    supplier: the trade name all launches go under, instead of the feed's provider.
    rebase_to: the day the file's first launch is moved to, with the gaps between the launches kept.
    """

    supplier: str | None = None
    seats: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    rebase_to: date | None = None

    def check(self, *, now: datetime) -> None:
        """Raises: InvalidInput with the names of the command's options."""
        problems = {}
        if self.supplier is not None and not (self.supplier.isprintable() and 1 <= len(self.supplier.strip()) <= 120):
            problems["--supplier"] = "Give a name of 1 to 120 characters."
        if self.seats is not None and not 1 <= self.seats <= policies.CABIN_SEATS_MAX:
            problems["--seats"] = f"Give a number from 1 to {policies.CABIN_SEATS_MAX}."
        try:
            planning.require_price(
                PRICE_DEFAULT if self.price is None else self.price, self.currency or CURRENCY_DEFAULT
            )
        except InvalidInput as error:
            problems |= {name.replace("price_", "--").replace("amount", "price"): s for name, s in error.fields.items()}
        if self.rebase_to is not None and not now.date() < self.rebase_to <= date(2190, 12, 31):
            problems["--rebase-to"] = "Give a day after today, like 2027-03-14."
        if problems:
            raise InvalidInput("The import cannot start.", fields=problems)
