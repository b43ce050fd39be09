from django.db import migrations, models

import common.models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0004_event_address"),
    ]

    operations = [
        # In two steps: with a default at once, requests that run meanwhile would seem to be the migration's own.
        migrations.AddField(
            model_name="idempotencyrecord",
            name="backend_pid",
            field=models.IntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="backend_pid",
            field=models.IntegerField(db_default=common.models.BackendPid(), editable=False, null=True),
        ),
    ]
