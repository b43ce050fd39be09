"""`make bench`: measure a whole site on this machine, print the figures; `python -m bench.run bookings` is a part."""

import os
import subprocess
import sys
from statistics import median

from bench.load import Result
from bench.site import CLIENTS, Site, site

ROUNDS = 3
PARTS = ("bookings", "money", "events", "reconcile", "logs", "backup")


def main(arguments: list[str]) -> int:
    """Run the parts that are asked for, or all; return the exit code."""
    wanted = arguments or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        print(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores; the clients run on the same ones. Databases flush every commit.", flush=True)
    if "bookings" in wanted:
        with site() as here:
            os.environ.update(here.env)
            import django
            from django.db import connections

            django.setup()
            _bookings(here)
            connections.close_all()
    # Sites of their own: they count bookings from the first.
    codes = [0]
    for part, module, title in (
        ("money", "bench.reconcile_money", "manage.py reconcile_money"),
        ("events", "bench.events", "Delivery of events, one process"),
        ("reconcile", "bench.reconcile", "manage.py reconcile --dataset trips"),
        ("logs", "bench.logs", "A request that logs four lines, with and without the handler of their store"),
        ("backup", "bench.backup", "manage.py backup and restore"),
    ):
        if part in wanted:
            print(f"\n{title}", flush=True)
            codes.append(subprocess.run([sys.executable, "-m", module], check=False).returncode)
    return max(codes)


def _bookings(here: Site) -> None:
    from bench import limit, volume
    from bench.bookings import Bookings, oversold

    here.web_start()
    measure = Bookings(here)
    measure.warm_up()
    print(f"\nComplete bookings through the API (POST /api/v1/customer/checkouts/), {CLIENTS} clients", flush=True)
    print(f"{'':44}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}  answers")
    few = _show(f"one client alone, {volume.sold():,} seats sold", measure.alone())
    hot = [_show("(a) one launch of 500 seats, until sold out", measure.hot()) for _ in range(ROUNDS)]
    spread = [_show("(b) 200 launches in turn", measure.spread()) for _ in range(ROUNDS)]
    refused = _show("refused: sold out", measure.refused())
    keyed = _show("(a) with an Idempotency-Key each", measure.hot(with_key=True))
    here.worker_start()
    _show("(a) with the worker delivering beside it", measure.hot())
    here.worker_stop()
    print(f"oversold, over capacity, or confirmed without an event: {oversold()}", flush=True)
    volume.fill(measure.fleet, seats=100_000)
    many = _show(f"(d) one client alone, {volume.sold():,} seats sold", measure.alone())

    print("\nThe same rows written by pgbench, on the same server, nothing around them", flush=True)
    limits = {
        "hot": limit.pgbench(here, measure.fleet, launches=1, seats=30_000, name="hot"),
        "spread": limit.pgbench(here, measure.fleet, launches=200, seats=100_000, name="spread"),
    }
    for name, found in limits.items():
        print(f"(c) {name:40}{found.rate:9.1f}{found.latency_ms:9.1f} mean, {found.failed} failed")

    hot_rate, spread_rate = (median(one.rate() for one in rounds) for rounds in (hot, spread))
    print("\nRatios (medians of this run)")
    for text, value in (
        ("hot / pgbench hot", hot_rate / limits["hot"].rate),
        ("spread / pgbench spread", spread_rate / limits["spread"].rate),
        ("hot / spread", hot_rate / spread_rate),
        ("refused / hot", refused.rate() / hot_rate),
        ("with a key / without", keyed.rate() / hot_rate),
        ("one client: at 100,000 sold / at the start", many.percentile_ms(50) / few.percentile_ms(50)),
    ):
        print(f"{text:44}{value:9.2f}")


def _show(name: str, result: Result) -> Result:
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(result.statuses.items()))
    figures = "".join(f"{result.percentile_ms(percent):9.1f}" for percent in (50, 95, 99))
    print(f"{name:44}{result.rate():9.1f}{figures}  {answers}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
