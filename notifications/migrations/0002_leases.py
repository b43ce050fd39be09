"""Leases of single attempts, an instant to give up at, and messages without an address."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="give_up_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="no new attempt after this instant"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="notification",
            name="lease",
            field=models.UUIDField(blank=True, help_text="of the attempt that may record the outcome", null=True),
        ),
        migrations.AlterField(
            model_name="notification",
            name="address",
            field=models.EmailField(
                blank=True, help_text="where the mail goes; without one it goes to the inbox only", max_length=254
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="attempts",
            field=models.PositiveIntegerField(default=0, help_text="since it was enqueued or last retried by hand"),
        ),
        migrations.AlterField(
            model_name="notification",
            name="message_id",
            field=models.CharField(blank=True, help_text="the same in every attempt", max_length=120),
        ),
        migrations.AlterField(model_name="notification", name="created_at", field=models.DateTimeField()),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=~Q(status="sending") | Q(lease__isnull=False), name="notifications_sending_has_a_lease"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=Q(read_at=None) & ~Q(status="cancelled"), fields=["receiver"], name="notifications_unread"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["status", "-created_at", "-id"], name="notifications_latest_by_status"),
        ),
    ]
