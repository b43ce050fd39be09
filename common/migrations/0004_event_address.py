from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_job_run"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="address",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="the network address of whoever asked; gone with the event",
                max_length=45,
            ),
        ),
    ]
