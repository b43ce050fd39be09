"""Where rows, documents, log lines and counters are kept."""

import os
import sys
from typing import Any

from astrobookings.settings import env


def _store_urls() -> dict[str, str]:
    """Take the URLs from the environment, else those of the databases that `make run` started here."""
    from astrobookings.embedded import state  # noqa: PLC0415 - only where no URL is given

    names = ("DATABASE_URL", "CUSTOMER_MONGODB_URL", "LOGS_MONGODB_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    return given if len(given) == len(names) else {**state.read_urls(), **given}


_urls = _store_urls()
# Without a server these addresses answer at once with a refusal, and the commands say what to start.
DATABASE_URL = _urls.get("DATABASE_URL", "postgresql://astro@127.0.0.1:1/astro")
CUSTOMER_MONGODB_URL = _urls.get("CUSTOMER_MONGODB_URL", "mongodb://127.0.0.1:1/astro_customers")
LOGS_MONGODB_URL = _urls.get("LOGS_MONGODB_URL", "mongodb://127.0.0.1:1/astro_logs")
MONGODB_TIMEOUT_S = 1.5
MONGODB_PAUSE_S = 5.0  # how long requests do without a store that did not answer, before one of them tries again
LOG_SPOOL_DIR = env.VAR_DIR / "spool"

# Workers fork, and a forked child would share the pool's sockets: pool in web processes only (docs/adr/0004).
_IS_WORKER = len(sys.argv) > 1 and sys.argv[1] == "qcluster"
_database = env.postgres(DATABASE_URL)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database["OPTIONS"],
            "connect_timeout": 3,
            "application_name": "astrobookings",
            # Statements are prepared only where they are written out (docs/adr/0010), each for one way of doing it.
            "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=60s "
            "-c plan_cache_mode=force_generic_plan",
        },
    }
}
# Off behind a pooler that hands each transaction to another server connection, such as pgbouncer.
DATABASE_PREPARE = env.boolean("DATABASE_PREPARE", default=True)
if env.boolean("DATABASE_POOL", default=False) and not _IS_WORKER:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", 8, at_least=1),
        "timeout": 3,
        # Its tries have growing pauses: after a long outage it would go on refusing for some time. Once it has given
        # up, the next request tries at once.
        "reconnect_timeout": 3,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60

CACHES = {
    # Shared by all processes: the rate limits count in it.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "common_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # Django's 300 would let a flood push the counters out
    }
}
