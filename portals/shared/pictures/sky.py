"""What hangs in the sky of a patch: stars, and the body it flies to."""

import math
from dataclasses import dataclass
from random import Random

from django.utils.safestring import SafeString

from portals.shared.pictures import svg


@dataclass(frozen=True)
class Palette:
    """Colours of one patch; `words` and `trail` read well on the night ring and the sky."""

    ring: str
    sky: str
    deep: str
    light: str
    shade: str
    words: str
    trail: str


PALETTES: dict[str, tuple[Palette, ...]] = {
    "suborbital": (
        Palette("#5CB3F5", "#0F4E95", "#0A1530", "#A9DCFF", "#2C86D4", "#7CC4FA", "#DDF0FF"),
        Palette("#4FC7D9", "#0B5A70", "#071B2B", "#A5EEF2", "#1F8FA8", "#79DCE8", "#DCFAFC"),
        Palette("#F2A65A", "#7A3B4E", "#171433", "#FFD9A0", "#C9694B", "#F7BC80", "#FFE9CF"),
    ),
    "low_earth_orbit": (
        Palette("#5B7CF7", "#232B7C", "#0B1020", "#7C98FF", "#3450D2", "#8DA4FF", "#D9E0FF"),
        Palette("#8E7BF2", "#37246F", "#100D26", "#A896FF", "#4E3BB8", "#AFA0FF", "#E6E0FF"),
        Palette("#3FB6A8", "#0E4B52", "#08171F", "#77E0CF", "#1B7F86", "#6BD3C5", "#D6F7F1"),
    ),
    "moon": (
        Palette("#D6CFBE", "#454860", "#14172A", "#E9E4D8", "#98948C", "#DDD7C8", "#F4F1EA"),
        Palette("#B9C3DB", "#33406A", "#0E142A", "#E3E8F2", "#8A93AA", "#C7D0E5", "#EDF1FA"),
        Palette("#E3C58C", "#4B3F4B", "#18141F", "#F2E5C8", "#A68F6C", "#E9D2A3", "#FBF3E0"),
    ),
    "mars": (
        Palette("#F0885A", "#6B2E2B", "#1A0F1E", "#F5A878", "#B34A2C", "#F6A27C", "#FFE0D0"),
        Palette("#E86F6F", "#5A2344", "#170E20", "#F29A85", "#A53D44", "#F29393", "#FFDDDD"),
        Palette("#E9A13B", "#5E3A1F", "#17111A", "#F2BE78", "#A8622A", "#EFB768", "#FFEBCD"),
    ),
}
EARTH = ("#7FB4FF", "#2C57C9")


def stars(*, chance: Random, centre: float, radius: float, count: int) -> SafeString:
    """Scatter stars evenly over a disc."""
    parts = []
    for _ in range(count):
        angle, distance = chance.uniform(0, 2 * math.pi), radius * math.sqrt(chance.random())
        parts.append(
            svg.element(
                "circle", cx=centre + distance * math.cos(angle), cy=centre + distance * math.sin(angle),
                r=chance.choice((0.5, 0.5, 0.7, 0.7, 1.0)), fill="#FFFFFF",
                fill_opacity=chance.choice((0.45, 0.7, 0.95)),
            )
        )  # fmt: skip
    return svg.join(*parts)


def celestial(body: str, range_: str, *, palette: Palette, chance: Random, name: str) -> SafeString:
    """Draw what the flight is about: the Earth's limb, a station above it, the Moon or Mars."""
    if body == "moon":
        return svg.join(_home(palette), _moon(chance=chance, name=name))
    if body == "mars":
        return svg.join(_home(palette), _mars(chance=chance, name=name))
    top = 132 if range_ == "suborbital" else 124
    limb = _limb(top=top, chance=chance, name=name)
    return svg.join(limb, _station()) if body == "station" else limb


def _limb(*, top: float, chance: Random, name: str) -> SafeString:
    radius = 84.0
    parts = [
        svg.element("circle", cx=100, cy=top + radius, r=radius + 4, fill="#FFFFFF", fill_opacity=0.14),
        svg.element("circle", cx=100, cy=top + radius, r=radius + 1.6, fill="#FFFFFF", fill_opacity=0.35),
        svg.element("circle", cx=100, cy=top + radius, r=radius, fill=f"url(#{name}-body)"),
    ]
    for _ in range(4):  # cloud streaks
        x, y, half = chance.uniform(60, 140), top + chance.uniform(12, 30), chance.uniform(7, 15)
        streak = f"M{svg.number(x - half)} {svg.number(y)} q{svg.number(half)} -4 {svg.number(2 * half)} 0"
        parts.append(
            svg.element("path", d=streak, fill="none", stroke="#FFFFFF", stroke_opacity=0.4, stroke_width=2,
                        stroke_linecap="round")
        )  # fmt: skip
    return svg.join(*parts)


def _home(palette: Palette) -> SafeString:
    """The Earth left behind, low on the left."""
    return svg.join(
        svg.element("circle", cx=50, cy=170, r=31.5, fill=EARTH[0], fill_opacity=0.3),
        svg.element("circle", cx=50, cy=170, r=29, fill=EARTH[1]),
        svg.element("path", d="M34 149 q12 -8 24 -1 q-8 7 -16 5 q-4 4 -8 -4Z", fill=EARTH[0], fill_opacity=0.8),
        svg.element("path", d="M24 158 A29 29 0 0 1 76 158", fill="none", stroke=palette.trail, stroke_opacity=0.5),
    )


def _moon(*, chance: Random, name: str) -> SafeString:
    x, y, radius = 128.0, 74.0, 25.0
    parts = [
        svg.element("circle", cx=x, cy=y, r=radius + 2.5, fill="#FFFFFF", fill_opacity=0.12),
        svg.element("circle", cx=x, cy=y, r=radius, fill=f"url(#{name}-body)"),
    ]
    turn = chance.uniform(0, 2 * math.pi)
    for index, size in enumerate((5.2, 3.6, 2.6, 4.2, 2.0, 1.6)):
        angle, distance = turn + index * 2.4, radius * (0.22 + 0.12 * index)
        cx, cy = x + distance * math.cos(angle), y + distance * math.sin(angle)
        size = min(size, radius - distance - 1)
        if size > 0.8:
            parts.append(svg.element("circle", cx=cx, cy=cy, r=size, fill="#000000", fill_opacity=0.16))
            parts.append(
                svg.element("circle", cx=cx + 0.7, cy=cy + 0.7, r=size * 0.78, fill="#FFFFFF", fill_opacity=0.13)
            )
    return svg.join(*parts)


def _mars(*, chance: Random, name: str) -> SafeString:
    x, y, radius = 128.0, 76.0, 27.0
    tilt = svg.number(chance.uniform(-24, 24))
    marks = svg.element(
        "g",
        svg.element("path", d="M102.5 68 q12 6 25 1 q13 -5 26 2", fill="none", stroke="#3B0D0A", stroke_opacity=0.22,
                    stroke_width=5, stroke_linecap="round"),
        svg.element("path", d="M106 86 q14 -5 24 1 q9 4 18 -2", fill="none", stroke="#3B0D0A", stroke_opacity=0.18,
                    stroke_width=4, stroke_linecap="round"),
        svg.element("path", d="M118 51.4 q10 6 20 0 q-10 -4.6 -20 0Z", fill="#FFFFFF", fill_opacity=0.85),
        transform=f"rotate({tilt} {svg.number(x)} {svg.number(y)})",
    )  # fmt: skip
    moons = svg.join(
        svg.element("circle", cx=x - 36, cy=y - 4, r=1.8, fill="#E9D9CF"),
        svg.element("circle", cx=x + 14, cy=y + 38, r=1.2, fill="#E9D9CF"),
    )
    return svg.join(
        svg.element("circle", cx=x, cy=y, r=radius + 2.5, fill="#FFFFFF", fill_opacity=0.1),
        svg.element("circle", cx=x, cy=y, r=radius, fill=f"url(#{name}-body)"),
        marks,
        moons,
    )


def _station() -> SafeString:
    """A station of two modules and four solar wings, high on the right."""
    wings = [
        svg.element("rect", x=x, y=y, width=6.5, height=12, rx=0.8, fill="#F2B84B", stroke="#7A4E0C", stroke_width=0.6)
        for x in (-21, -13, 6.5, 14.5)
        for y in (-13.5, 1.5)
    ]
    return svg.element(
        "g",
        *wings,
        svg.element("rect", x=-22, y=-1, width=44, height=2, fill="#C9D0E6"),
        svg.element("rect", x=-3.4, y=-9, width=6.8, height=18, rx=3, fill="#FFFFFF"),
        svg.element("rect", x=-3.4, y=-1.6, width=6.8, height=3.2, fill="#9AA5C6"),
        transform="translate(146 76) rotate(-24) scale(0.72)",
    )
