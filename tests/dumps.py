"""All that the databases hold, as one text to search."""

from django.db import connection

from documents import repositories

_TEXTS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'inet')
"""


def postgres_dump(*, without: str = "") -> str:
    """Everything that is text in PostgreSQL, whatever table it stands in; `without` is the "table.column" left out."""
    parts = []
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS)
        for table, column in cursor.fetchall():
            if f"{table}.{column}" != without:
                cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
                parts += [f"{table}.{column}: {value}" for (value,) in cursor.fetchall()]
    return "\n".join(parts)


def documents_dump(*, without: type[object] | None = None) -> str:
    """Every document of both document stores but those of one repository."""
    return "\n".join(
        f"{one.name}: {document!r}"
        for one in repositories.ALL
        if one is not without
        for document in one._documents().find({}, sort=[(one.key, 1)])
    )
