"""Write SVG elements: every attribute and every text is escaped here and nowhere else."""

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def number(value: float) -> str:
    """Write a coordinate with at most two decimals and no needless zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def element(name: str, *children: str, **attributes: str | float | None) -> SafeString:
    """
    Build one element. Children that are not safe strings are escaped.

    Attribute names: a trailing underscore is dropped (`class_`), other underscores become hyphens, camel case
    stays (`viewBox`); None leaves the attribute out.
    """
    pairs = [
        (key.rstrip("_").replace("_", "-"), number(value) if isinstance(value, (int, float)) else value)
        for key, value in attributes.items()
        if value is not None
    ]
    opening = format_html_join("", ' {}="{}"', pairs)
    tag = mark_safe(name)  # noqa: S308 - element names are literals of this package
    if not children:
        return format_html("<{}{}/>", tag, opening)
    return format_html("<{}{}>{}</{}>", tag, opening, join(*children), tag)


def join(*parts: str) -> SafeString:
    """Put elements one after the other."""
    return mark_safe("".join(conditional_escape(part) for part in parts))  # noqa: S308 - each part is escaped


def points(*pairs: tuple[float, float]) -> str:
    """Write the `points` of a polygon."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in pairs)
