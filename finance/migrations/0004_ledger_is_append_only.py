"""The database itself guards the ledger; docs/ledger.md says what it refuses and why."""

from django.db import migrations, models

import common.models

FORWARDS = """
CREATE FUNCTION finance_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the tests' databases, over connections that ask for it, may be emptied between two tests.
    IF TG_OP = 'TRUNCATE' AND current_setting('astrobookings.ledger_may_be_emptied', true) = 'yes'
       AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The ledger is append-only: % of % is refused. Post a movement that puts it right.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER finance_movement_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON finance_ledgermovement
    FOR EACH STATEMENT EXECUTE FUNCTION finance_ledger_is_append_only();
CREATE TRIGGER finance_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON finance_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION finance_ledger_is_append_only();

CREATE FUNCTION finance_movement_balances(movement bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_movement text;
    entries integer;
    others integer;
    total numeric;
BEGIN
    SELECT m.currency, count(e.id), count(e.id) FILTER (WHERE e.currency <> m.currency), coalesce(sum(e.amount), 0)
    INTO of_movement, entries, others, total
    FROM finance_ledgermovement m LEFT JOIN finance_ledgerentry e ON e.movement_id = m.id
    WHERE m.id = movement GROUP BY m.id;
    IF entries < 2 THEN
        RAISE EXCEPTION 'Movement % has % of the two or more entries that it needs.', movement, entries
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_movement_balances';
    ELSIF others > 0 THEN
        RAISE EXCEPTION 'Movement % is in %, but % of its entries are not.', movement, of_movement, others
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_movement_balances';
    ELSIF total <> 0 THEN
        RAISE EXCEPTION 'The entries of movement % sum to % % instead of zero.', movement, total, of_movement
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_movement_balances';
    END IF;
END $$;

CREATE FUNCTION finance_movement_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_movement_balances(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION finance_entry_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM finance_movement_balances(NEW.movement_id);
    RETURN NULL;
END $$;

-- At commit: a movement and its entries may be written by several statements of one transaction.
CREATE CONSTRAINT TRIGGER finance_movement_balances AFTER INSERT ON finance_ledgermovement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_movement_check();
CREATE CONSTRAINT TRIGGER finance_entry_balances AFTER INSERT ON finance_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_entry_check();

CREATE FUNCTION finance_entry_joins_its_own_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed bigint;
BEGIN
    SELECT m.id INTO closed FROM added e JOIN finance_ledgermovement m ON m.id = e.movement_id
    WHERE m.xid <> pg_current_xact_id()::text::bigint OR m.recorded_at < transaction_timestamp() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Movement % is closed: entries are added only by the transaction that made it.', closed
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'finance_movement_is_closed';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER finance_movement_is_closed AFTER INSERT ON finance_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION finance_entry_joins_its_own_transaction();
"""

BACKWARDS = """
DROP TRIGGER finance_movement_is_closed ON finance_ledgerentry;
DROP TRIGGER finance_entry_balances ON finance_ledgerentry;
DROP TRIGGER finance_movement_balances ON finance_ledgermovement;
DROP TRIGGER finance_entry_is_append_only ON finance_ledgerentry;
DROP TRIGGER finance_movement_is_append_only ON finance_ledgermovement;
DROP FUNCTION finance_entry_joins_its_own_transaction();
DROP FUNCTION finance_entry_check();
DROP FUNCTION finance_movement_check();
DROP FUNCTION finance_movement_balances(bigint);
DROP FUNCTION finance_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_ledger_statements_callbacks")]

    operations = [
        migrations.AddField(
            model_name="ledgermovement",
            name="xid",
            field=models.BigIntegerField(
                db_default=common.models.TransactionId(),
                editable=False,
                help_text="the transaction that made it, the only one that may give it entries",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
