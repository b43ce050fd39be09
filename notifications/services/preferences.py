"""What people choose to get by mail."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from common import outbox
from common.errors import InvalidInput
from notifications import errors, events, selectors, tokens, topics
from notifications.models import MailOptOut

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def preferences_change(*, user: "User", off: Collection[str], now: datetime) -> list[selectors.TopicChoice]:
    """
    Keep which topics the user wants no mails of; all others are on.

    Args:
        off: codes of topics of the user's kind.
    Raises: InvalidInput for a topic there is not, and for one that cannot be switched off; nothing is changed then.
    """
    known = {topic.code: topic for topic in topics.topics_of(user.kind)}
    for code in off:
        if code not in known:
            optional = ", ".join(sorted(code for code, topic in known.items() if not topic.is_required))
            raise InvalidInput(fields={"off": f"There is no topic {code!r} of yours. Choose from: {optional}."})
        if known[code].is_required:
            words = known[code].words()
            raise InvalidInput(fields={"off": f"Mails about “{words.label}” cannot be switched off. {words.why}"})
    own = MailOptOut.objects.select_for_update().filter(user=user)
    before = set(own.values_list("topic", flat=True))
    wanted = set(off)
    if before != wanted:
        own.exclude(topic__in=wanted).delete()
        rows = [MailOptOut(user=user, topic=code, created_at=now) for code in sorted(wanted - before)]
        MailOptOut.objects.bulk_create(rows, ignore_conflicts=True)  # chosen twice at once is chosen
        outbox.publish(events.MailsChosen(user_id=user.pk, off=sorted(wanted)), actor_id=user.pk)
    return selectors.preferences_list(user=user)


@transaction.atomic
def topic_switch_by_link(*, token: str, is_on: bool, now: datetime) -> selectors.LinkView:
    """
    Switch the mails of a topic off, or on again, for the one person or address that a link from a mail was made for.

    Raises: UnsubscribeLinkInvalid.
    """
    view = selectors.link_view(token=token)
    found = tokens.unsubscription(token)
    if found is None:
        raise errors.UnsubscribeLinkInvalid
    own = MailOptOut.objects.of(user_id=found.user_id, address_marks=found.address_marks)
    mark = next(iter(found.address_marks), "")
    if is_on:
        changed = own.filter(topic=view.topic.code).delete()[0]
    else:
        row = MailOptOut(user_id=found.user_id, address_digest=mark, topic=view.topic.code, created_at=now)
        changed = 0 if not view.is_on else len(MailOptOut.objects.bulk_create([row], ignore_conflicts=True))
    if changed:
        off = sorted(own.values_list("topic", flat=True))
        if found.user_id is not None:
            outbox.publish(events.MailsChosen(user_id=found.user_id, off=off))
        else:
            outbox.publish(events.MailsOfAddressChosen(address_digest=mark, off=off))
    return replace(view, is_on=is_on)
