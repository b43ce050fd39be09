from django.db import migrations, models

# A seat that somebody has cannot be withdrawn, whatever the code above forgets. The other direction, a claim on a
# withdrawn seat, stays with the row lock: a trigger there would run with every sale (docs/locking.md).
FORWARD = """
CREATE FUNCTION bookings_withdrawn_seat_has_no_live_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM bookings_seatclaim c WHERE c.launch_seat_id = NEW.id AND c.status IN ('held', 'sold')
    ) THEN
        RAISE EXCEPTION 'seat % is held or sold and cannot be withdrawn', NEW.label
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bookings_withdrawn_seat_has_no_live_claim';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bookings_withdrawn_seat_has_no_live_claim
    BEFORE UPDATE OF is_blocked ON launches_launchseat FOR EACH ROW
    WHEN (NEW.is_blocked AND NOT OLD.is_blocked)
    EXECUTE FUNCTION bookings_withdrawn_seat_has_no_live_claim();
"""
BACKWARD = """
DROP TRIGGER bookings_withdrawn_seat_has_no_live_claim ON launches_launchseat;
DROP FUNCTION bookings_withdrawn_seat_has_no_live_claim();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_changing_ones_mind"),
        ("launches", "0002_viability"),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="warned_at",
            field=models.DateTimeField(
                blank=True, help_text="when its customer was told that it is about to lapse", null=True
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
