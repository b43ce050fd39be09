"""The outbox in another database cluster, where transaction ids start low: see docs/backup.md."""

from django.db import connection, transaction

# One statement each; (xid, id) is the order of delivery, and 2 is below every transaction of a new cluster.
_SLOWEST = "SELECT xid, event_id FROM common_outboxposition ORDER BY xid, event_id LIMIT 1"
_EVENTS = "UPDATE common_outboxevent SET xid = CASE WHEN (xid, id) <= (%s, %s) THEN 1 ELSE 2 END"
_POSITIONS = """
    UPDATE common_outboxposition SET
        xid = 1, event_id = (SELECT coalesce(max(id), 0) FROM common_outboxevent WHERE xid = 1),
        lease = NULL, leased_until = NULL, retry_at = NULL
"""


@transaction.atomic
def renumber() -> None:
    """
    Give events and positions transaction ids that are low in any cluster, before anything new is written there.

    What the slowest consumer had not yet is delivered to all of them; those that had it know it already.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SLOWEST)
        cursor.execute(_EVENTS, cursor.fetchone() or (0, 0))
        cursor.execute(_POSITIONS)
