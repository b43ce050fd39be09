"""Test mails: the words of a template as one mail to whoever is signed in."""

import uuid
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from django.core.mail import get_connection

from common import context
from common.errors import InvalidInput
from notifications import access, errors, previews, rendering, sandbox
from notifications.services.limits import Full, slot_take
from notifications.wordings import Words

if TYPE_CHECKING:
    from accounts.models import User


def wording_test_send(
    *, actor: "User", template: str, language: str, words: Words | None, now: datetime
) -> previews.Preview:
    """
    Send words, shown on real data, to the actor; not through the queue, so that the answer is known at once.

    Args:
        words: the shipped ones when none are given.
    Raises: QueueForbidden, WordingNotFound, InvalidInput (no address, or broken words), MailNotTaken.
    """
    access.queue_staff_require(actor)
    previews.known_require(template=template, language=language)
    if not actor.email:
        raise InvalidInput("Your account has no e-mail address to send a test to.")
    try:
        shown = previews.preview(template=template, language=language, words=words, now=now)
    except sandbox.Broken as error:
        raise InvalidInput(f"These words are broken, so no test was sent. {error}") from error
    mail = rendering.mail_of(
        replace(shown.said, subject=rendering.subject_fit(f"[Test] {shown.said.subject}")),
        to=actor.email,
        headers={
            "Message-ID": rendering.message_id_for(f"test-{uuid.uuid4().hex}"),
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",
            "X-Request-ID": rendering.one_line(context.current().request_id),
        },
    )
    slot = slot_take(now=now)
    if isinstance(slot, Full):
        raise errors.MailNotTaken(said="it takes no more mails this minute. Try again in a minute.")
    try:
        get_connection().send_messages([mail])
    except Exception as error:
        said = rendering.one_line(f"{type(error).__name__}: {error}")[:200]
        raise errors.MailNotTaken(said=said) from error
    return shown
