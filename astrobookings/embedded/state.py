"""
What `make run` has running, for whoever comes later: `manage.py` alone, a second `make run`, the tests.

Imported by the settings, so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path

URL_NAMES = ("DATABASE_URL", "CUSTOMER_MONGODB_URL", "LOGS_MONGODB_URL")


def var_dir() -> Path:
    """Return the directory of everything this machine writes: `var/` of the checkout, or VAR_DIR."""
    chosen = os.environ.get("VAR_DIR")
    return Path(chosen).absolute() if chosen else Path(__file__).resolve().parents[2] / "var"


def read_urls(*, var: Path | None = None) -> dict[str, str]:
    """
    Return the URLs of the databases that `make run` has running now, by the name of their environment variable.

    A name is missing when nothing runs for it: an old file of dead processes gives an empty answer.
    """
    from astrobookings.embedded.processes import process_started  # noqa: PLC0415 - brings ctypes

    path = (var or var_dir()) / "run" / "servers.json"
    try:
        recorded = json.loads(path.read_text())
        return {
            name: str(entry["url"])
            for name, entry in recorded.items()
            if name in URL_NAMES and process_started(pid=int(entry["pid"])) == entry["started"] != ""
        }
    except (OSError, ValueError, AttributeError, KeyError, TypeError):  # missing, half a file, or not ours
        return {}


def write_urls(*, urls: dict[str, tuple[str, int]], var: Path | None = None) -> None:
    """Record what runs: name of the variable to (URL, id of the process that must be alive for it to hold)."""
    from astrobookings.embedded.processes import process_started  # noqa: PLC0415 - brings ctypes

    path = (var or var_dir()) / "run" / "servers.json"
    entries = {name: {"url": url, "pid": pid, "started": process_started(pid=pid)} for name, (url, pid) in urls.items()}
    write_private(path=path, text=json.dumps(entries, indent=2) + "\n")


def forget_urls(*, var: Path | None = None) -> None:
    """Remove the record; nothing runs any more."""
    ((var or var_dir()) / "run" / "servers.json").unlink(missing_ok=True)


def secret(*, name: str, var: Path | None = None) -> str:
    """Return a secret of this checkout (its key, a database password), made once and kept in `var/secrets.json`."""
    path = (var or var_dir()) / "secrets.json"
    known = _read_object(path=path)
    if not known.get(name):
        known[name] = secrets.token_urlsafe(48)
        write_private(path=path, text=json.dumps(known, indent=2) + "\n")
    return known[name]


def remembered_port(*, name: str, var: Path | None = None) -> int | None:
    """Return the port a server had the last time, so that its URL stays the same."""
    port = _read_object(path=(var or var_dir()) / "ports.json").get(name, "")
    return int(port) if port.isdigit() else None


def remember_port(*, name: str, port: int, var: Path | None = None) -> None:
    """Keep the port of a server for its next start."""
    path = (var or var_dir()) / "ports.json"
    write_private(path=path, text=json.dumps({**_read_object(path=path), name: str(port)}, indent=2) + "\n")


def write_private(*, path: Path, text: str) -> None:
    """Replace a file whole, readable by its owner only; a reader sees the old or the new text, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise


def _read_object(*, path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
