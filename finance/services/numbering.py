"""
Numbers of legal documents: 1, 2, 3 ... in each series and year, none twice and none left out.

# Note [The counter is locked last]
Drawing locks the series' row until the transaction ends, so a rollback gives the number back and the next in line gets
it: a sequence would leave a gap there. Everybody who issues in that series waits for the row, so it is taken as late as
can be, when all else is read and decided. Who draws from two series takes them in alphabetical order (C, CN, S).
"""

from django.db import connection

CUSTOMER_SERIES = "C"
CREDIT_SERIES = "CN"
SUPPLIER_SERIES = "S"

_DRAW = """
INSERT INTO finance_invoiceseries (series, year, latest_number) VALUES (%s, %s, 1)
ON CONFLICT (series, year) DO UPDATE SET latest_number = finance_invoiceseries.latest_number + 1
RETURNING latest_number
"""


def number_draw(*, series: str, year: int) -> int:
    """Take the next number of a series and year. Raises: RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("number_draw belongs to the transaction of its document: else a failure would leave a gap.")
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [series, year])
        return int(cursor.fetchone()[0])
