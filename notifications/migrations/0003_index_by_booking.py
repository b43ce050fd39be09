"""What was told about a booking is looked up by the booking."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_leases")]

    operations = [
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                django.db.models.fields.json.KeyTransform("booking_id", "facts"), name="notifications_about_booking"
            ),
        )
    ]
