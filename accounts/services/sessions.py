"""Ending what somebody is signed in with, all at once."""

from django.db import transaction

from accounts import events
from accounts.models import User, new_stamp
from common import outbox


@transaction.atomic
def sessions_end(*, user: User) -> User:
    """
    End every session and token of the user, in all browsers and programs; links of mails that were not used end too.

    The password stays.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    row.credential_stamp = new_stamp()
    row.save(update_fields=["credential_stamp"])
    outbox.publish(events.SignedOutEverywhere(user_id=row.pk), actor_id=row.pk)
    return row
