"""How full something is, in words and in small seats."""

from dataclasses import dataclass

SMALL_SEATS_UP_TO = 12


@dataclass(frozen=True)
class Fill:
    """`taken` of `total` seats; taken never exceeds total here."""

    taken: int
    total: int
    words: str

    @property
    def left(self) -> int:
        """Seats still to be had."""
        return self.total - self.taken

    @property
    def state(self) -> str:
        """full, last, open or none."""
        if not self.total:
            return "none"
        return {0: "full", 1: "last"}.get(self.left, "open")

    @property
    def seats(self) -> list[bool]:
        """One entry a small seat, True when taken; empty when there are too many to draw."""
        if self.total > SMALL_SEATS_UP_TO:
            return []
        return [True] * self.taken + [False] * self.left

    @property
    def percent(self) -> int:
        """Share taken, 0 to 100; below 100 while a seat is left."""
        return self.taken * 100 // self.total if self.total else 0


def fill(*, taken: int, total: int, sold_words: bool = False) -> Fill:
    """Describe occupancy: "4 of 6 seats left" for customers, "2 of 6 seats sold" for those who sell."""
    total = max(total, 0)
    taken = min(max(taken, 0), total)
    left = total - taken
    if not total:
        words = "No seats on sale"
    elif sold_words:
        words = f"{taken} of {total} seats sold"
    elif left == 0:
        words = "Sold out"
    elif left == 1:
        words = f"Last seat, 1 of {total} left"
    else:
        words = f"{left} of {total} seats left"
    return Fill(taken=taken, total=total, words=words)
