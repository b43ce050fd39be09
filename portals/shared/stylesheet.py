"""One file a component to write in, one file to load; the joined sheet is committed, a test says when it is stale."""

from pathlib import Path

SOURCES = Path(__file__).parent / "styles"
TARGET = Path(__file__).parent / "static" / "shared" / "css" / "portal.css"
HEAD = "/* Joined from portals/shared/styles/ by `manage.py build_styles`; change those. */\n"


def joined() -> str:
    """Return the sheets in the order of their names."""
    parts = [f"\n/* {path.name} */\n{path.read_text(encoding='utf-8')}" for path in sorted(SOURCES.glob("*.css"))]
    return HEAD + "".join(parts)


def write() -> int:
    """Write the joined sheet; return how many files went into it."""
    TARGET.write_text(joined(), encoding="utf-8")
    return len(list(SOURCES.glob("*.css")))
