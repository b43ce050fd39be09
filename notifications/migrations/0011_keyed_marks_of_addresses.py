"""Opt-outs of addresses stand under a mark made with our key, which nobody can try out addresses on; one way only."""

from django.db import migrations, models
from django.utils.crypto import salted_hmac


def marks_key(apps, schema_editor):
    """Replace each plain digest by what tokens.address_marks makes of it."""
    rows = apps.get_model("notifications", "MailOptOut").objects.exclude(address_digest="")
    for row in rows.order_by("pk").iterator():
        keyed = salted_hmac("notifications.addresses", row.address_digest, algorithm="sha256").hexdigest()
        rows.filter(pk=row.pk).update(address_digest=keyed[:32])


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0010_bounced_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mailoptout",
            name="address_digest",
            field=models.CharField(
                blank=True, help_text="of an address without an account: tokens.address_marks", max_length=32
            ),
        ),
        migrations.RunPython(marks_key),
    ]
