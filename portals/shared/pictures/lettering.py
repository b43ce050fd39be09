"""Fit words onto an arc: the size that fits, and where the words must be cut."""

from dataclasses import dataclass

# Advance widths in thousandths of an em of Space Grotesk 700, measured in the vendored font.
WIDTHS = {
    "0": 648, "1": 452, "2": 594, "3": 608, "4": 636, "5": 600, "6": 618, "7": 554, "8": 600, "9": 618,
    "A": 634, "B": 664, "C": 644, "D": 666, "E": 554, "F": 534, "G": 662, "H": 656, "I": 264, "J": 610,
    "K": 626, "L": 542, "M": 882, "N": 670, "O": 676, "P": 604, "Q": 676, "R": 632, "S": 606, "T": 588,
    "U": 672, "V": 618, "W": 898, "X": 644, "Y": 624, "Z": 576, " ": 254, "·": 218, ".": 298, ",": 294,
    "-": 432, "–": 584, "(": 398, ")": 390, "/": 388, "&": 591, "'": 294, "’": 294, "+": 620, "…": 798,
}  # fmt: skip
OTHER_WIDTH = 700
LETTER_SPACING = 0.06  # em; round lettering needs air
CAP_HEIGHT = 0.7  # em


@dataclass(frozen=True)
class Lettering:
    """Words as they will be drawn: `size` in user units, `length` along the arc, at most the room given."""

    text: str
    size: float
    length: float


def width(text: str) -> float:
    """Tell how long capitals run at a size of one unit, spacing included."""
    letters = sum(WIDTHS.get(letter, OTHER_WIDTH) for letter in text) / 1000
    return letters + LETTER_SPACING * max(len(text) - 1, 0)


def fit(text: str, *, room: float, largest: float, smallest: float) -> Lettering:
    """
    Choose the largest size at which the words, in capitals, fit into `room`.

    Words too long even at the smallest size lose their end and get an ellipsis.
    """
    capitals = " ".join(text.split()).upper()
    while width(capitals) * smallest > room:
        capitals = capitals.rstrip("…")[:-1].rstrip(" ·-–") + "…"
    size = min(largest, room / max(width(capitals), 0.01))
    return Lettering(text=capitals, size=round(size, 2), length=round(width(capitals) * size, 2))
