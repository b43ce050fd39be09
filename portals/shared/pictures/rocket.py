"""The small rocket on patches and pictures."""

from django.utils.safestring import SafeString

from portals.shared.pictures import svg


def rocket(
    *, x: float, y: float, heading: float, scale: float = 1.0, boosters: bool = False, outline: str | None = None
) -> SafeString:
    """
    Draw a rocket about 26 units long.

    heading: degrees, clockwise from straight up. outline: a colour, where the ground is as light as the rocket.
    """
    parts = [
        svg.element("path", d="M-2.4 7.4 Q0 10 0 15 Q0 10 2.4 7.4Z", fill="#FFC46B"),
        svg.element("path", d="M-3.9 1.5 L-7.6 9.2 L-2.6 7.4Z", fill="#E8530F"),
        svg.element("path", d="M3.9 1.5 L7.6 9.2 L2.6 7.4Z", fill="#E8530F"),
    ]
    if boosters:
        parts += [
            svg.element("rect", x=side, y=-2.5, width=2.4, height=10, rx=1.2, fill="#C9D0E6") for side in (-6, 3.6)
        ]
    parts += [
        svg.element(
            "path",
            d="M0 -12.5 C4.4 -7.6 4.9 0 3.2 7.6 L-3.2 7.6 C-4.9 0 -4.4 -7.6 0 -12.5Z",
            fill="#FFFFFF",
            stroke=outline,
            stroke_width=1.4 if outline else None,
        ),
        svg.element("path", d="M0 -12.5 C4.4 -7.6 4.9 0 3.2 7.6 L0.6 7.6 C2.4 0 2 -7.4 0 -12.5Z", fill="#D5DBEC"),
        svg.element("circle", cx=0, cy=-2.6, r=1.75, fill="#16264F"),
    ]
    turn = f"translate({svg.number(x)} {svg.number(y)}) rotate({svg.number(heading)}) scale({svg.number(scale)})"
    return svg.element("g", *parts, transform=turn)
