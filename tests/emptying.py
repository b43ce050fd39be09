"""
Empty the database after a test that committed; much faster than Django's flush, which hundreds of tests would wait for.

The flush truncates, which makes a new file for every table and every index of it, and writes the permissions and the
content types anew. Here the few rows are deleted in one round trip, and those two tables stay: no test changes them.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

LEFT_ALONE = ("auth_permission", "django_content_type", "django_migrations")
LARGEST = 512 * 1024  # bytes that a table without rows may have


def database_empty() -> None:
    """Delete all rows of all tables, also those that no trigger and no foreign key would let go."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_statements())
    _grown_vacuum()


def _grown_vacuum() -> None:
    """Give back the room of dead rows, which scans still walk over: these clusters have no autovacuum."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > %s",
            [LARGEST],
        )
        if grown := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"VACUUM {', '.join(grown)}")


@cache
def _statements() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename != ALL(%s) ORDER BY tablename",
            [list(LEFT_ALONE)],
        )
        tables = [name for (name,) in cursor.fetchall()]
    return "; ".join(
        [
            "SET LOCAL session_replication_role = replica",  # no triggers, so no order among the tables
            "SET LOCAL lock_timeout = '90s'",  # longer than any transaction may stay idle
            f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE",  # wait for whoever still writes
            *(f"DELETE FROM {name}" for name in tables),
        ]
    )


def install() -> None:
    """Have Django, and pytest-django, empty the database in this way."""
    TransactionTestCase._fixture_teardown = lambda _: database_empty()  # type: ignore[method-assign]
