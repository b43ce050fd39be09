from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_begun_by_a_job"),
    ]

    operations = [
        # Of the runs that there are nothing more is to be told.
        migrations.AddField(
            model_name="reconciliationrun",
            name="is_told",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="reconciliationrun",
            name="is_told",
            field=models.BooleanField(
                default=False, editable=False, help_text="IT has been told of its drift, or there was nothing to tell."
            ),
        ),
    ]
