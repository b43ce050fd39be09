"""Old events go once every consumer has had them: PostgreSQL keeps what is on its way, the audit trail the past."""

from datetime import datetime

from django.db import connection

from common import outbox_consumers

BATCH = 1000

# In delivery order, so that a batch is one stretch of the index. A consumer that never began has passed nothing; one
# that is gone from the code holds nothing up.
_REMOVE = """
WITH passed AS (
    SELECT coalesce(p.xid, 0) AS xid, coalesce(p.event_id, 0) AS event_id
    FROM unnest(%(consumers)s::text[]) AS c(name) LEFT JOIN common_outboxposition p ON p.consumer = c.name
    ORDER BY 1, 2 LIMIT 1
), old AS (
    SELECT e.id FROM common_outboxevent e, passed
    WHERE (e.xid, e.id) <= (passed.xid, passed.event_id) AND e.occurred_at < %(before)s
      AND NOT EXISTS (SELECT FROM common_outboxfailure f WHERE f.event_id = e.id)
    ORDER BY e.xid, e.id LIMIT %(limit)s
)
DELETE FROM common_outboxevent WHERE id IN (SELECT id FROM old)
"""


def events_remove(*, before: datetime) -> int:
    """
    Delete events older than this that every consumer has passed and none has set aside, in batches of their own.

    Must not be called inside a transaction that does more: each batch is committed alone, so none locks for long.

    Returns: how many were deleted.
    """
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE, {"consumers": outbox_consumers.consumers(), "before": before, "limit": BATCH})
            count: int = cursor.rowcount
        removed += count
        if count < BATCH:
            return removed
