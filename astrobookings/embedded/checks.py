"""The checks of `make test` that are not tests: all of them run, then those that failed are named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "types": [str(BIN / "mypy"), "--no-error-summary"],
    "imports": [str(BIN / "lint-imports")],
    "migrations": [sys.executable, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"],
}
CURES = {
    "lint": "`make format` repairs some of it",
    "format": "`make format` repairs it",
    "migrations": "`.venv/bin/python manage.py makemigrations` writes them",
}


def main(names: list[str]) -> int:
    """Run the named checks (all when none is named); 1 when one failed."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"No such check: {', '.join(unknown)}. There are: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed: list[str] = []
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "astrobookings.settings.test"}
    for name in names or CHECKS:
        began = time.monotonic()
        done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        print(f"{name:<11}{'FAILED' if done.returncode else 'ok':<7}{time.monotonic() - began:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
            if name in CURES:
                print(f"({CURES[name]})", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}. The tests were not run.", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
