"""
The database backend of our settings.

Django's pool checks each connection as it is handed out; after a restart of the server every pooled connection is dead,
and psycopg_pool pauses longer and longer between them until the request times out. Our check, on meeting a dead one,
asks the pool to look at all the others in one go, so the first request after the outage already succeeds.

# Note [Django's cursors end a pipeline]
In a pipeline statements are sent without waiting for their answers (`statements.together`). Django's own cursors look
at what a statement did as soon as it is executed, so the first one of them ends the pipeline, and so does the end of
the transaction, whose COMMIT is the last to go along.
"""

import contextlib
import select
from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg_pool import ConnectionPool

# A text of its own: what Django's cursors send as well, the driver may take for prepared when it is not.
_COMMIT = "COMMIT AND NO CHAIN"


def _check(pool_of: Any, connection: Any) -> None:
    # A server that has gone closes its end, and what is closed can be read from (nothing). Looking costs no trip.
    looking = select.poll()
    looking.register(connection, select.POLLIN)
    if not looking.poll(0):
        return
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
    """PostgreSQL, with the purging check on the pool; prepared statements and pipelines for the path of every sale."""

    _pipeline: Any = None

    @property
    def is_pipelined(self) -> bool:
        """Whether statements are sent without waiting for their answers."""
        return self._pipeline is not None

    def pipeline_begin(self) -> None:
        """Begin a pipeline; see `common.postgres.statements.together`."""
        self.ensure_connection()
        with self.wrap_database_errors:
            pipeline = self.connection.pipeline()
            pipeline.__enter__()
        self._pipeline = pipeline

    def pipeline_end(self) -> None:
        """Wait for all answers and end the pipeline, if there is one. Raises: what was refused meanwhile."""
        if self._pipeline is None:
            return
        pipeline, self._pipeline = self._pipeline, None
        with self.wrap_database_errors:
            pipeline.__exit__(None, None, None)

    def create_cursor(self, name: str | None = None) -> Any:
        """End a pipeline; see Note [Django's cursors end a pipeline]."""
        self.pipeline_end()
        return super().create_cursor(name)

    def _commit(self) -> None:
        if self._pipeline is None:
            super()._commit()  # type: ignore[misc]
        else:
            self.prepared_execute(_COMMIT, None)
            self.pipeline_end()

    def _rollback(self) -> None:
        with contextlib.suppress(Exception):  # it is why we roll back, and known
            self.pipeline_end()
        if self.connection is None or self.connection.info.transaction_status == TransactionStatus.IDLE:
            return
        with debug_transaction(self, "ROLLBACK"):
            self._roll_back("ROLLBACK")

    def _savepoint_rollback(self, sid: str) -> None:
        with contextlib.suppress(Exception):  # as above
            self.pipeline_end()
        with debug_transaction(self, "ROLLBACK TO SAVEPOINT"):
            self._roll_back(self.ops.savepoint_rollback_sql(sid))

    def _roll_back(self, statement: str) -> None:
        """
        Send a rollback past the driver.

        The driver's own would forget all prepared statements, for those of tables that the transaction made would be
        void. Ours name tables that stay, and on a day with many refusals they would be prepared for each request.
        """
        with self.wrap_database_errors, self.connection.lock:
            result = self.connection.pgconn.exec_(statement.encode())
            if result.status != ExecStatus.COMMAND_OK:
                raise psycopg.OperationalError(result.get_error_message())

    def _close(self) -> None:
        with contextlib.suppress(Exception):
            self.pipeline_end()
        super()._close()  # type: ignore[misc]

    def prepared_execute(self, statement: str, values: Any) -> Any:
        """Execute a statement that is always the same text, and return its cursor, which `fetch_rows` reads."""
        if self.connection is None:
            self.ensure_connection()
        # Django's own cursors put the values into the text and are not touched by this.
        self.connection.prepare_threshold = 0
        cursor: Any = PreparedCursor(self.connection)
        if self.execute_wrappers or self.queries_logged:
            cursor = self._prepare_cursor(cursor)  # type: ignore[attr-defined]  # counts and logs it like any other
            cursor.execute(statement, values)
            return cursor
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            cursor.execute(statement, values)
        return cursor

    def fetch_rows(self, cursor: Any) -> list[Any]:
        """Return all rows of a statement that returns some."""
        with self.wrap_database_errors:
            found: list[Any] = cursor.fetchall()
            return found

    @property
    def pool(self) -> Any:
        """Return the process's pool for this alias, or None when pooling is off."""
        is_new = self.alias not in self._connection_pools  # type: ignore[attr-defined]
        pool = super().pool
        if pool is not None and is_new:
            pool._check = partial(_check, lambda: pool)
        return pool
