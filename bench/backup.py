"""How long a backup of 100,000 bookings takes, and its way back into empty databases: `python -m bench.backup`."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from bench.site import ROOT, Site, site

BOOKINGS = 100_000
ENTRIES = 100_000


def main() -> int:
    """Fill a site, back it up, restore it on another, and print a line for each."""
    with site() as here:
        os.environ.update(here.env)
        import django
        from django.db import connections

        django.setup()
        try:
            _fill()
            folder = here.place / "backup"
            _timed(f"backup of {BOOKINGS:,} bookings, {ENTRIES:,} audit entries", here, "backup", folder)
            print(f"{'':52}{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:8.1f} MB", flush=True)
            with site(is_empty=True) as there:
                there.env["SECRET_KEY"] = here.env["SECRET_KEY"]
                _timed("restore, with all copies written anew and proven", there, "restore", folder)
        finally:
            connections.close_all()
    return 0


def _fill() -> None:
    from django.utils import timezone

    from bench import seed, volume
    from documents import audit
    from documents.records import AuditRecord

    volume.fill(seed.Fleet(), seats=BOOKINGS)
    now = timezone.now()
    for start in range(0, ENTRIES, 500):
        records = [
            AuditRecord(
                event_id=number, name="bookings.booking.confirmed", occurred_at=now + timedelta(microseconds=number)
            )
            for number in range(start, start + 500)
        ]
        audit.append(records=records, now=now)


def _timed(name: str, where: Site, command: str, folder: Path) -> None:
    began = time.perf_counter()
    argv = [sys.executable, "manage.py", command, str(folder)]
    done = subprocess.run(argv, cwd=ROOT, env=where.env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"manage.py {command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr[-2000:]}")
    print(f"{name:52}{time.perf_counter() - began:8.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
