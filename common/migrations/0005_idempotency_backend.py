from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0004_event_address"),
    ]

    operations = [
        migrations.AddField(
            model_name="idempotencyrecord",
            name="backend_pid",
            field=models.IntegerField(
                editable=False,
                help_text="the server's process for the connection that holds the key, if known",
                null=True,
            ),
        ),
    ]
