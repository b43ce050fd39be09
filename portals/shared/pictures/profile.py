"""The flight profile: altitude over distance, an orbit, or a transfer."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from portals.shared.pictures import svg
from portals.shared.pictures.rocket import rocket

INK = "#16264F"


@dataclass(frozen=True)
class Profile:
    """A drawing and the sentence that says the same."""

    svg: SafeString
    words: str


WORDS = {
    "suborbital": "Up in a few minutes, past the Kármán line at 100 km, some minutes without weight, and back to "
    "the ground near the spaceport.",
    "low_earth_orbit": "Up through the atmosphere, then around the Earth about every 90 minutes until it is time "
    "to come home.",
    "moon": "Into an orbit around the Earth, a push towards the Moon, about three days of coasting, and the "
    "same way back.",
    "mars": "Away from the Earth along half an ellipse around the Sun, to arrive months later where Mars will be.",
}


def flight_profile(range_: str) -> Profile:
    """Draw how a flight of this range goes. An unknown range is drawn as an orbit."""
    drawings = {"suborbital": _suborbital, "low_earth_orbit": _orbit, "moon": _moon, "mars": _mars}
    known = range_ if range_ in drawings else "low_earth_orbit"
    words = WORDS[known]
    frame = svg.element(
        "svg", *drawings[known](), viewBox="0 0 420 220", role="img", aria_label=f"Flight profile. {words}",
        focusable="false", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip
    return Profile(svg=frame, words=words)


def _label(text: str, x: float, y: float, *, anchor: str = "start", strong: bool = False) -> SafeString:
    return svg.element("text", text, x=x, y=y, text_anchor=anchor, class_="profile__strong" if strong else None)


def _dot(x: float, y: float) -> SafeString:
    return svg.element("circle", cx=x, cy=y, r=4.5, class_="profile__dot")


def _path(d: str, *, dotted: bool = False) -> SafeString:
    return svg.element("path", d=d, class_="profile__path profile__path--dotted" if dotted else "profile__path")


def _suborbital() -> list[SafeString]:
    return [
        svg.element("path", d="M-4 196 Q210 184 424 196 V224 H-4Z", class_="profile__ground"),
        svg.element("line", x1=0, y1=78, x2=420, y2=78, class_="profile__line"),
        _label("100 km, where space begins", 8, 70),
        _path("M150 190 C168 20 252 20 270 190"),
        _dot(150, 190), _dot(210, 62.5), _dot(270, 190),
        rocket(x=172, y=103, heading=14, scale=1.1, outline=INK),
        _label("Highest point", 210, 44, anchor="middle", strong=True),
        _label("Lift-off", 140, 178, anchor="end", strong=True),
        _label("Landing", 282, 178, strong=True),
    ]  # fmt: skip


def _orbit() -> list[SafeString]:
    return [
        svg.element("circle", cx=210, cy=122, r=58, class_="profile__ground"),
        _label("Earth", 210, 127, anchor="middle"),
        svg.element("ellipse", cx=210, cy=122, rx=92, ry=86, class_="profile__path profile__path--dotted"),
        _path("M156 102 C126 84 138 54 172 43.6"),
        _dot(156, 102), _dot(302, 122),
        rocket(x=210, y=36, heading=90, scale=1.1, outline=INK),
        _label("Lift-off", 112, 92, anchor="end", strong=True),
        _label("In orbit", 318, 118, strong=True),
        _label("about 400 km up", 318, 135),
    ]  # fmt: skip


def _moon() -> list[SafeString]:
    return [
        svg.element("circle", cx=82, cy=128, r=42, class_="profile__ground"),
        _label("Earth", 82, 133, anchor="middle"),
        svg.element("circle", cx=352, cy=84, r=20, class_="profile__body"),
        _label("Moon", 324, 88, anchor="end"),
        svg.element("circle", cx=82, cy=128, r=56, class_="profile__line"),
        _path("M82 72 C170 34 270 20 352 48"),
        _path("M352 120 C280 188 180 198 82 184", dotted=True),
        _path("M352 48 A36 36 0 0 1 352 120", dotted=True),
        _dot(82, 72), _dot(352, 48),
        rocket(x=218, y=38.5, heading=82, scale=1.1, outline=INK),
        _label("Push to the Moon", 76, 52, anchor="middle", strong=True),
        _label("Out: three days", 218, 74, anchor="middle"),
        _label("And back", 214, 172, anchor="middle"),
    ]  # fmt: skip


def _mars() -> list[SafeString]:
    return [
        svg.element("circle", cx=210, cy=126, r=11, class_="profile__dot"),
        _label("Sun", 210, 156, anchor="middle"),
        svg.element("ellipse", cx=210, cy=126, rx=92, ry=46, class_="profile__line"),
        svg.element("ellipse", cx=210, cy=126, rx=168, ry=84, class_="profile__line"),
        _path("M118 126 C118 30 378 30 378 126"),
        svg.element("circle", cx=118, cy=126, r=9, class_="profile__ground"),
        svg.element("circle", cx=378, cy=126, r=8, class_="profile__body"),
        rocket(x=248, y=54, heading=90, scale=1.1, outline=INK),
        _label("Earth, lift-off", 118, 154, anchor="middle", strong=True),
        _label("Mars, months later", 414, 154, anchor="end", strong=True),
    ]  # fmt: skip
