"""What `make run` looks at before it starts anything, each with a sentence that says what to do."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from astrobookings.embedded import state
from astrobookings.embedded.processes import EmbeddedError, free_bytes, port_is_free

SPACE_BYTES = 300 * 1024 * 1024
FORMER_RUN_WAIT_S = 12.0
CONNECT_TIMEOUT_S = 5


def everything(*, var: Path, host: str, port: int) -> None:
    """
    Check the disk, the port and the given URLs.

    Raises: EmbeddedError for the first thing that is wrong.
    """
    left = free_bytes(path=var)
    if left < SPACE_BYTES:
        raise EmbeddedError(
            f"The disk is almost full: {left // 1024 // 1024} MB left at {short(path=var)}, at least "
            f"{SPACE_BYTES // 1024 // 1024} are needed. Make space, or set VAR_DIR to a directory on another disk."
        )
    _port_check(var=var, host=host, port=port)
    for name, url in given_urls().items():
        _url_check(name=name, url=url)


def var_ready(*, var: Path) -> None:
    """Make the directory of local data with its parts, and see that we may write there."""
    try:
        if not var.exists():
            var.mkdir(parents=True)
            var.chmod(0o755)  # PostgreSQL's own user passes through it when we are root
        for part in ("run", "log", "documents"):
            (var / part).mkdir(exist_ok=True)
        probe = var / "run" / f".probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except PermissionError as error:
        raise EmbeddedError(
            f"No permission to write {short(path=Path(error.filename))}: {ownership_cure(path=var)}"
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise EmbeddedError(
            f"{short(path=Path(error.filename))} is a file where a directory is needed; move it away."
        ) from error


def ownership_cure(*, path: Path) -> str:
    """Say how to get permission for a path."""
    return (
        f"run as the user who owns it, give it to yourself (sudo chown -R $(id -un) {short(path=path)}), "
        "or set VAR_DIR to a directory of yours."
    )


def address() -> tuple[str, int]:
    """Return HOST and PORT to listen on (127.0.0.1 and 8000 when not set)."""
    host = os.environ.get("HOST") or "127.0.0.1"
    raw = os.environ.get("PORT") or "8000"
    try:
        port = int(raw)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise EmbeddedError(f"PORT is {raw!r}; it must be a number from 1 to 65535.")
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise EmbeddedError(f"HOST is {host!r}, which is no address of this machine; try HOST=127.0.0.1.") from None
    return host, port


def given_urls() -> dict[str, str]:
    """Return the databases the surroundings name; for the others we run our own."""
    return {name: os.environ[name] for name in state.URL_NAMES if os.environ.get(name)}


def short(*, path: Path) -> str:
    """Return a path as seen from here, when it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _port_check(*, var: Path, host: str, port: int) -> None:
    refusal = _refusal(host=host, port=port)
    if refusal in {errno.EACCES, errno.EPERM}:
        raise EmbeddedError(f"PORT {port}: below 1024 only root may listen. Try: make run PORT=8000")
    if refusal == errno.EADDRNOTAVAIL:
        raise EmbeddedError(f"HOST is {host!r}, which is no address of this machine; try HOST=127.0.0.1.")
    unclean = (var / "run" / "servers.json").exists()  # a former run was killed; its web server may still be ending
    deadline = time.monotonic() + (FORMER_RUN_WAIT_S if unclean else 0)
    while not port_is_free(port=port, host=host):
        if time.monotonic() >= deadline:
            raise EmbeddedError(
                f"PORT {port} on {host} is taken by another program. Stop that, or choose another port: "
                f"make run PORT={_free_neighbour(host=host, port=port)}"
            )
        time.sleep(0.1)


def _refusal(*, host: str, port: int) -> int:
    """Return the system's error number for listening there; 0 when it lets us."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or 0
    return 0


def _free_neighbour(*, host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + 100, 65536)):
        if port_is_free(port=candidate, host=host):
            return candidate
    return 8000


def _url_check(*, name: str, url: str) -> None:
    """Connect once to a given server; never repeat its password in a message."""
    parts = urlsplit(url)
    where = f"{parts.hostname or '?'}{f':{_port_of(name=name, url=url)}' if parts.hostname else ''}"
    if name == "DATABASE_URL":
        _postgres_check(url=url, where=where)
    else:
        _mongo_check(name=name, url=url, where=where)


def _port_of(*, name: str, url: str) -> int:
    try:
        return urlsplit(url.partition(",")[0]).port or (5432 if name == "DATABASE_URL" else 27017)
    except ValueError:
        raise EmbeddedError(f"{name}: the port is not a number from 1 to 65535.") from None


def _postgres_check(*, url: str, where: str) -> None:
    import psycopg  # noqa: PLC0415 - slow to import; only for a given URL

    if urlsplit(url).scheme not in {"postgresql", "postgres"}:
        raise EmbeddedError("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except psycopg.OperationalError as error:
        raise EmbeddedError(
            f"DATABASE_URL: PostgreSQL at {where} does not let us in ({str(error).strip().splitlines()[0]}). "
            "Check the URL and that the server runs, or unset DATABASE_URL to use a local one."
        ) from error


def _mongo_check(*, name: str, url: str, where: str) -> None:
    import pymongo  # noqa: PLC0415 - slow to import; only for a given URL
    from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError  # noqa: PLC0415

    try:
        with pymongo.MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=CONNECT_TIMEOUT_S * 1000) as client:
            client.get_default_database().command("ping")
    except (InvalidURI, ConfigurationError) as error:
        raise EmbeddedError(f"{name} must look like mongodb://user:password@host:27017/name ({error}).") from error
    except PyMongoError as error:
        raise EmbeddedError(
            f"{name}: the MongoDB server at {where} does not answer us ({str(error).partition(' (configured')[0]}). "
            f"Check the URL and that the server runs, or unset {name} to use a local one."
        ) from error
