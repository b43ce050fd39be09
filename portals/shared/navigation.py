"""Which entry of a portal's navigation the reader is in."""

from collections.abc import Iterable


def mark_current(*, entries: Iterable[tuple[str, str]], path: str) -> list[tuple[str, str, bool]]:
    """
    Turn (label, address) pairs into the `nav_items` of the layouts.

    The entry with the longest address that the path starts with is current; at most one is.
    """
    known = list(entries)
    best = max((url for _, url in known if _is_within(path, url)), key=len, default=None)
    return [(label, url, url == best) for label, url in known]


def _is_within(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")
