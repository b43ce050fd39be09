"""The mission patch: the same launch always gets the same drawing."""

import hashlib
import math
from dataclasses import dataclass
from random import Random

from django.utils.safestring import SafeString

from portals.shared.pictures import lettering, svg
from portals.shared.pictures.rocket import rocket
from portals.shared.pictures.sky import PALETTES, Palette, celestial, stars

CENTRE = 100.0
RING = 97.0  # outer radius of the night ring, in units of the 200 x 200 drawing
SKY = 68.0  # radius of the inner sky
BAND = (RING + SKY) / 2  # where the lettering is centred
UPPER_ARC = math.radians(146)  # room for the rocket's name
LOWER_ARC = math.radians(168)  # room for destination and date

# Start, two control points and end of the dotted way, and how far along it the rocket has come.
WAYS: dict[str, tuple[tuple[tuple[float, float], ...], float]] = {
    "suborbital": (((66, 148), (78, 34), (122, 34), (134, 148)), 0.4),
    "low_earth_orbit": (((52, 150), (58, 84), (112, 58), (160, 82)), 0.72),
    "moon": (((56, 152), (44, 96), (76, 66), (110, 68)), 0.72),
    "mars": (((50, 142), (38, 92), (62, 56), (116, 58)), 0.56),
}


@dataclass(frozen=True)
class PatchSpec:
    """
    What a patch shows.

    seed: anything stable for the launch, e.g. its slug or key. date_text: only as precise as is honest.
    range: suborbital, low_earth_orbit, moon or mars. body: earth, moon, mars or station.
    """

    seed: str
    rocket_name: str
    destination_name: str
    date_text: str
    range: str
    body: str


def render_patch(spec: PatchSpec, size: int | None = None, *, uid: str = "", decorative: bool = False) -> SafeString:
    """
    Draw the patch as an inline SVG without style attributes.

    Args:
        size: width and height in CSS pixels; None leaves the size to the stylesheet.
        uid: appended to every id; give each patch of one page its own.
        decorative: hide it from screen readers, for a patch beside its launch's title.
    """
    chance = Random(f"{spec.seed}|{spec.range}")  # noqa: S311 - a drawing, not a secret
    palettes = PALETTES.get(spec.range, PALETTES["low_earth_orbit"])
    palette = palettes[chance.randrange(len(palettes))]
    mirrored = chance.random() < 0.5
    name = f"patch-{_digest(spec)}{'-' + uid if uid else ''}"

    scene = svg.element(
        "g",
        stars(chance=chance, centre=CENTRE, radius=SKY - 4, count=26),
        celestial(spec.body, spec.range, palette=palette, chance=chance, name=name),
        _way(spec, palette=palette, chance=chance),
        transform=f"matrix(-1 0 0 1 {svg.number(2 * CENTRE)} 0)" if mirrored else None,
    )
    children = [
        _defs(name=name, palette=palette),
        svg.element("circle", cx=CENTRE, cy=CENTRE, r=RING, fill="#0E1424", stroke=palette.ring, stroke_width=3),
        svg.element("circle", cx=CENTRE, cy=CENTRE, r=RING - 4, fill="none", stroke=palette.ring, stroke_width=0.6,
                    stroke_opacity=0.55),
        svg.element("circle", cx=CENTRE, cy=CENTRE, r=SKY, fill=f"url(#{name}-sky)"),
        svg.element("g", scene, clip_path=f"url(#{name}-clip)"),
        svg.element("circle", cx=CENTRE, cy=CENTRE, r=SKY, fill="none", stroke=palette.ring, stroke_width=1.8),
        _words(spec, palette=palette, name=name),
    ]  # fmt: skip
    frame: dict[str, str | float | None] = {
        "class_": "patch", "viewBox": "0 0 200 200", "width": size, "height": size,
        "xmlns": "http://www.w3.org/2000/svg", "focusable": "false",
    }  # fmt: skip
    if decorative:
        return svg.element("svg", *children, aria_hidden="true", **frame)
    title = svg.element("title", f"Mission patch of {spec.rocket_name}", id=f"{name}-title")
    told = f"{spec.rocket_name} to {spec.destination_name}, {spec.date_text}".rstrip(", ")
    desc = svg.element("desc", told, id=f"{name}-desc")
    return svg.element("svg", title, desc, *children, role="img",
                       aria_labelledby=f"{name}-title {name}-desc", **frame)  # fmt: skip


def _digest(spec: PatchSpec) -> str:
    words = "|".join((spec.seed, spec.rocket_name, spec.destination_name, spec.date_text, spec.range, spec.body))
    return hashlib.blake2s(words.encode(), digest_size=4).hexdigest()


def _defs(*, name: str, palette: Palette) -> SafeString:
    sky = svg.element(
        "radialGradient",
        svg.element("stop", offset="0", stop_color=palette.sky),
        svg.element("stop", offset="1", stop_color=palette.deep),
        id=f"{name}-sky", cx="0.5", cy="0.42", r="0.62",
    )  # fmt: skip
    body = svg.element(
        "linearGradient",
        svg.element("stop", offset="0", stop_color=palette.light),
        svg.element("stop", offset="1", stop_color=palette.shade),
        id=f"{name}-body", x1="0.25", y1="0", x2="0.6", y2="1",
    )  # fmt: skip
    clip = svg.element("clipPath", svg.element("circle", cx=CENTRE, cy=CENTRE, r=SKY - 0.5), id=f"{name}-clip")
    return svg.element("defs", sky, body, clip)


def _way(spec: PatchSpec, *, palette: Palette, chance: Random) -> SafeString:
    line, at = WAYS.get(spec.range, WAYS["low_earth_orbit"])
    if spec.body == "station":
        at = 0.5  # not there yet
    sway = chance.uniform(-5, 5)
    a, b, c, d = line[0], (line[1][0] + sway, line[1][1]), (line[2][0], line[2][1] + sway), line[3]
    numbers = " ".join(svg.number(value) for point in (b, c, d) for value in point)
    path = svg.element(
        "path", d=f"M{svg.number(a[0])} {svg.number(a[1])} C{numbers}", fill="none", stroke=palette.trail,
        stroke_width=1.7, stroke_linecap="round", stroke_dasharray="0.1 4.2",
    )  # fmt: skip
    x, y, heading = _point(a, b, c, d, at)
    return svg.join(path, rocket(x=x, y=y, heading=heading, scale=1.12, boosters=chance.random() < 0.4))


def _point(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float], t: float
) -> tuple[float, float, float]:
    """Place and heading (degrees, clockwise from up) at `t` of a cubic curve."""
    u = 1 - t
    x, y = (u**3 * p + 3 * u * u * t * q + 3 * u * t * t * r + t**3 * s for p, q, r, s in zip(a, b, c, d, strict=True))
    dx, dy = (
        3 * u * u * (q - p) + 6 * u * t * (r - q) + 3 * t * t * (s - r) for p, q, r, s in zip(a, b, c, d, strict=True)
    )
    return x, y, math.degrees(math.atan2(dx, -dy))


def _words(spec: PatchSpec, *, palette: Palette, name: str) -> SafeString:
    upper = lettering.fit(spec.rocket_name, room=UPPER_ARC * (BAND - 5), largest=14.5, smallest=7)
    below = " · ".join(part for part in (spec.destination_name.strip(), spec.date_text.strip()) if part)
    lower = lettering.fit(below, room=LOWER_ARC * (BAND + 3), largest=12, smallest=6)
    upper_at = BAND - upper.size * lettering.CAP_HEIGHT / 2
    lower_at = BAND + lower.size * lettering.CAP_HEIGHT / 2
    parts = [
        _arc_text(upper, radius=upper_at, sweep=1, colour="#FFFFFF", name=f"{name}-upper"),
        _arc_text(lower, radius=lower_at, sweep=0, colour=palette.words, name=f"{name}-lower"),
    ]
    # Two small stars stand where the words leave the ring empty.
    reach = (upper.length / upper_at / 2, lower.length / lower_at / 2)
    middle = (reach[0] + math.pi - reach[1]) / 2
    if math.pi - sum(reach) > 0.3:
        for side in (-1, 1):
            x, y = CENTRE + side * BAND * math.sin(middle), CENTRE - BAND * math.cos(middle)
            diamond = svg.points((x, y - 3.4), (x + 1, y - 1), (x + 3.4, y), (x + 1, y + 1),
                                 (x, y + 3.4), (x - 1, y + 1), (x - 3.4, y), (x - 1, y - 1))  # fmt: skip
            parts.append(svg.element("polygon", points=diamond, fill=palette.ring))
    return svg.join(*parts)


def _arc_text(words: lettering.Lettering, *, radius: float, sweep: int, colour: str, name: str) -> SafeString:
    """Write words centred on the upper (sweep 1) or lower (sweep 0) half circle."""
    left, right, r = svg.number(CENTRE - radius), svg.number(CENTRE + radius), svg.number(radius)
    arc = svg.element(
        "path",
        id=name,
        d=f"M{left} {svg.number(CENTRE)} A{r} {r} 0 0 {sweep} {right} {svg.number(CENTRE)}",
        fill="none",
    )
    # textLength keeps the words inside their arc when another font has to stand in.
    text = svg.element(
        "text",
        svg.element("textPath", words.text, href=f"#{name}", startOffset="50%"),
        fill=colour, font_family="'Space Grotesk Variable', 'Space Grotesk', sans-serif", font_weight="700",
        font_size=words.size, text_anchor="middle", textLength=words.length, lengthAdjust="spacingAndGlyphs",
    )  # fmt: skip
    return svg.join(arc, text)
