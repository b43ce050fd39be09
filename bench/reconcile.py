"""How long the reconciliation of trips takes, how much memory, and how both grow: `python -m bench.reconcile`."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise

from bench.site import ROOT, Site, site

# A million takes some 40 minutes: RECONCILE_SIZES=10000,100000,1000000
SIZES = tuple(int(size) for size in os.environ.get("RECONCILE_SIZES", "10000,100000").split(","))
DAMAGE = 5_000
MANAGE = (sys.executable, "manage.py")
_SHOWN = ("missing", "stale", "orphaned", "failed")


def main() -> int:
    """Measure on a site of its own and print a line for each figure."""
    with site() as here:
        os.environ.update(here.env)
        import django
        from django.db import connections

        django.setup()
        print(f"{'':52}{'took':>10}{'its own':>10}{'peak':>11}", flush=True)
        clean = {}
        try:
            for size in SIZES:
                clean[size] = _measure(here, size)
        finally:
            connections.close_all()
    print("\nRatios (of this run)")
    for small, large in pairwise(SIZES):
        few, many = clean[small], clean[large]
        ratios = {
            "time": many.took_s / few.took_s,
            "processor": many.cpu_s / few.cpu_s,
            "memory": many.memory_mb / few.memory_mb,
        }
        print(f"{large:,} / {small:,} trips: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    return 0


def _measure(here: Site, size: int) -> "Run":
    """Fill up to so many trips and measure them; return the full run that finds nothing."""
    from bench import seed, volume
    from documents.repositories import Trips

    missing = size - volume.sold()
    fleet = _fleet(seed.Fleet)
    volume.fill(fleet, seats=missing)
    # What is there without an event is no change on its way, so it counts as missing.
    _show(f"{missing:,} missing trips written", _run(here))
    clean = _show(f"{size:,} trips, nothing to do", _run(here, "--full"))
    _show(f"{size:,} trips, since the run before", _run(here, "--since-last"))
    keys = [entry.key for entry in Trips.scan(0, DAMAGE)]
    for key in keys[::2]:
        Trips.delete(key)
    trips = Trips.get_many(keys[1::2])
    for trip in trips.values():
        Trips._documents().update({"_id": trip.booking_id}, {"status": "spoilt"})
    _show(f"{size:,} trips, {DAMAGE // 2:,} lost and {DAMAGE // 2:,} spoilt", _run(here))
    return clean


_made: list[object] = []


def _fleet(make: type) -> object:
    if not _made:
        _made.append(make())
    return _made[0]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the command: seconds, of these of a processor in its own process, its peak memory, its figures."""

    took_s: float
    cpu_s: float
    memory_mb: float
    figures: dict[str, int]


def _run(here: Site, *options: str) -> Run:
    """Run the command as an operator does."""
    began = time.perf_counter()
    complaints = (here.place / "reconcile.log").open("w+")  # also the progress bar, and a line for each difference
    process = subprocess.Popen(
        [*MANAGE, "reconcile", "--dataset", "trips", "--json", *options],
        cwd=ROOT,
        env=here.env,
        stdout=subprocess.PIPE,
        stderr=complaints,
    )
    told = process.stdout.read() if process.stdout else b""
    _, _, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    if not told.strip():
        complaints.seek(0)
        last = "".join(complaints.readlines()[-10:])
        raise SystemExit(f"manage.py reconcile {' '.join(options)} did not come to its end:\n{last}")
    complaints.close()
    figures: dict[str, int] = json.loads(told.splitlines()[-1])["datasets"]["trips"]
    return Run(took_s=took, cpu_s=usage.ru_utime + usage.ru_stime, memory_mb=usage.ru_maxrss / 1024, figures=figures)


def _show(name: str, run: Run) -> Run:
    figures = run.figures
    differed = ", ".join(f"{figures[kind]:,} {kind}" for kind in _SHOWN if figures[kind]) or "no drift"
    cost = f"{run.took_s:8.1f} s{run.cpu_s:8.1f} s{run.memory_mb:8.0f} MB"
    print(f"{name:52}{cost}  {figures['looked_at']:,} looked at, {differed}", flush=True)
    return run


if __name__ == "__main__":
    sys.exit(main())
