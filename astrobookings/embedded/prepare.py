"""
The management commands of a start, in one process because each would load Django anew.

It loads Django, then waits for a line on standard input: by then the databases run.

Reports one JSON object a line to the file descriptor given as first argument: `{"step": title}` when one begins,
`{"signins": text}`, and `{"failed": sentence}`. What the commands print goes to the log.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import IO

from astrobookings.embedded import preflight, state

# `make run RESTORE=FOLDER` begins with a backup instead of the demo.
_RESTORE = (("restore", ("restore", os.environ["RESTORE"])),) if os.environ.get("RESTORE") else ()
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    *_RESTORE,
    ("migrate", ("migrate", "--noinput")),
    ("document indexes", ("documents", "ensure")),
    ("schedules", ("sync_schedules",)),
    ("demo data", ("seed_demo", "--if-empty")),
    ("static files", ("collectstatic", "--noinput")),
)
STEP_COUNT = len(STEPS)


def main(reports: IO[str]) -> int:
    """Run the steps; 1 when one failed."""
    title = "settings"
    try:
        import django  # noqa: PLC0415 - a failing import is reported like any other failure
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        if not sys.stdin.readline():  # the start was given up
            return 1
        for title, command in STEPS:
            _report(reports, {"step": title})
            if command[0] == "collectstatic":
                _static_collect()
            else:
                print(f"--- {' '.join(command)}", flush=True)
                call_command(*command)
        title = "demo sign-ins"
        said = io.StringIO()
        call_command("demo_signins", stdout=said)
        _report(reports, {"signins": said.getvalue()})
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        _report(reports, {"failed": _sentence(title=title, error=error)})
        return 1
    return 0


def _report(reports: IO[str], event: dict[str, str]) -> None:
    reports.write(json.dumps(event) + "\n")
    reports.flush()


def _sentence(*, title: str, error: BaseException) -> str:
    """Say what failed and what to do about the usual causes."""
    text = f"{error}".strip() or type(error).__name__
    kind = type(error).__name__
    log = preflight.short(path=state.var_dir() / "log")
    cure = f"The whole story is in {log}/prepare.log."
    if "No space left" in text or "could not extend file" in text:
        cure = "The disk is full: make space and run the same command again."
    elif isinstance(error, PermissionError):
        cure = "Give yourself the file, or run as the owner of the checkout."
    elif kind == "OperationalError":
        cure = f"PostgreSQL went away or refuses us: see {log}/postgres.log, or check DATABASE_URL."
    elif kind in {"InconsistentMigrationHistory", "ProgrammingError"} and title == "migrate":
        cure = (
            "The database was made by other code. Go back to that code, or remove the local data with `make reset` "
            "and start anew."
        )
    elif title == "document indexes":
        cure = f"See {log}/customer-documents.log and {log}/logs-documents.log, or check the MongoDB URLs."
    return f"{title}: {text}\n{cure}"


def _static_collect() -> None:
    """Collect, hash and compress the static files when any of them (or a package) has changed."""
    from django.conf import settings  # noqa: PLC0415 - needs django.setup() first
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    stamp = root.with_name(root.name + ".stamp")
    if root.is_dir() and stamp.exists() and stamp.read_text() == seen.hexdigest():
        return
    call_command("collectstatic", "--noinput", "--clear", verbosity=0)
    stamp.write_text(seen.hexdigest())


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1]), "w") as pipe:
        code = main(pipe)
    sys.exit(code)
