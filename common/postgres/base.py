"""
The database backend of our settings.

Django's pool checks each connection as it is handed out; after a restart of the server every pooled connection is dead,
and psycopg_pool pauses longer and longer between them until the request times out. Our check, on meeting a dead one,
asks the pool to look at all the others in one go, so the first request after the outage already succeeds.
"""

from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


def _check(pool_of: Any, connection: Any) -> None:
    try:
        ConnectionPool.check_connection(connection)
    except Exception:
        pool_of().check()
        raise


class PreparedCursor(psycopg.Cursor[Any]):
    """A cursor whose statements the server parses and plans once a connection."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> "PreparedCursor":
        """Execute, prepared."""
        return super().execute(query, params, prepare=settings.DATABASE_PREPARE, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, with the purging check on the pool, and prepared statements for the few in the path of every sale."""

    def prepared_cursor(self) -> Any:
        """Return a cursor for statements that are always the same text; Django counts and logs it like any other."""
        self.ensure_connection()
        # Django's own cursors put the values into the text and are not touched by this.
        self.connection.prepare_threshold = 0
        return self._prepare_cursor(PreparedCursor(self.connection))  # type: ignore[attr-defined]

    @property
    def pool(self) -> Any:
        """Return the process's pool for this alias, or None when pooling is off."""
        is_new = self.alias not in self._connection_pools  # type: ignore[attr-defined]
        pool = super().pool
        if pool is not None and is_new:
            pool._check = partial(_check, lambda: pool)
        return pool
