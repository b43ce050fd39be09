from django.db import migrations

# Whoever remembers a user hears of every change, by whatever door it came: accounts.remembered.
FORWARD = """
CREATE FUNCTION accounts_user_change_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('accounts_user', OLD.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_user_change_is_told AFTER UPDATE OR DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_user_change_is_told();
"""
BACKWARD = """
DROP TRIGGER accounts_user_change_is_told ON accounts_user;
DROP FUNCTION accounts_user_change_is_told();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_in_places"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
