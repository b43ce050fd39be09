"""Which entry of a portal's navigation the reader is in."""

from collections.abc import Iterable, Mapping
from itertools import groupby


def mark_current(*, entries: Iterable[tuple[str, str]], path: str) -> list[tuple[str, str, bool]]:
    """
    Turn (label, address) pairs into the `nav_items` of the layouts.

    The entry with the longest address that the path starts with is current; at most one is.
    """
    known = list(entries)
    best = max((url for _, url in known if _is_within(path, url)), key=len, default=None)
    return [(label, url, url == best) for label, url in known]


def grouped(
    *, items: Iterable[tuple[str, str, bool]], heads: Mapping[str, str]
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return the `nav_groups` of a long navigation: runs of items under one head ("" for none), by their labels."""
    return [(head, list(run)) for head, run in groupby(items, key=lambda item: heads.get(item[0], ""))]


def _is_within(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")
