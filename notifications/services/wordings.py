"""What IT does to the words of messages, and what happens to words that fail."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max

from common import outbox
from common.errors import InvalidInput
from notifications import access, errors, events, previews, sandbox
from notifications.models import MessageWording
from notifications.wordings import Words, published_version

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
NOTE_LENGTH = 200


def wording_draft_save(
    *, actor: "User", template: str, language: str, words: Words, note: str, seen: str, now: datetime
) -> MessageWording:
    """
    Keep the draft of a template's words; messages go on in the words in use.

    Args:
        seen: the `stamp` of the draft the editor was opened with, '' when there was none.
    Raises: QueueForbidden, WordingNotFound, InvalidInput (naming part and line), WordingChangedMeanwhile.
    """
    access.queue_staff_require(actor)
    previews.known_require(template=template, language=language)
    _words_check(template=template, language=language, words=words, note=note, now=now)
    values = {"subject": words.subject.strip(), "text": words.text, "html": words.html, "note": note.strip()}
    with transaction.atomic():
        draft = _draft_lock(template, language)
        if (draft.stamp if draft else "") != seen:
            raise errors.WordingChangedMeanwhile
        if draft is None:
            draft = MessageWording(template=template, language=language)
        for name, value in values.items():
            setattr(draft, name, value)
        draft.editor, draft.edited_at = actor, now
        try:
            with transaction.atomic():
                draft.save()
        except IntegrityError as error:  # notifications_one_draft_of_a_wording: somebody began one this instant
            raise errors.WordingChangedMeanwhile from error
    return draft


@transaction.atomic
def wording_draft_discard(*, actor: "User", template: str, language: str) -> None:
    """
    Throw the draft away.

    Raises: QueueForbidden, NothingToPublish when there is none.
    """
    access.queue_staff_require(actor)
    draft = _draft_lock(template, language)
    if draft is None:
        raise errors.NothingToPublish("There is no draft of these words any more. Nothing was changed.")
    draft.delete()


@transaction.atomic
def wording_publish(*, actor: "User", template: str, language: str, seen: str, now: datetime) -> MessageWording:
    """
    Write messages in the words of the draft from now on.

    Args:
        seen: the `stamp` of the draft that the actor looked at.
    Raises: QueueForbidden, NothingToPublish, WordingChangedMeanwhile.
    """
    access.queue_staff_require(actor)
    draft = _draft_lock(template, language)
    if draft is None:
        raise errors.NothingToPublish
    if draft.stamp != seen:
        raise errors.WordingChangedMeanwhile(
            "Somebody else has changed this draft since you looked at it. Nothing was published; look again."
        )
    return _publish(draft, actor=actor, now=now)


@transaction.atomic
def wording_reset(*, actor: "User", template: str, language: str, note: str, now: datetime) -> MessageWording:
    """
    Write messages in the shipped words again; the versions until now stay in the history, a draft stays a draft.

    Raises: QueueForbidden, NothingToPublish when the shipped words are in use.
    """
    access.queue_staff_require(actor)
    if published_version(template=template, language=language) is None:
        raise errors.NothingToPublish("The shipped words are in use already. Nothing was changed.")
    row = MessageWording(
        template=template, language=language, is_shipped=True, note=note.strip()[:NOTE_LENGTH], editor=actor
    )
    row.edited_at = now
    return _publish(row, actor=actor, now=now)


def wording_mark_broken(*, wording_id: int, error: str, now: datetime) -> bool:
    """
    Record that a version failed in a real message and have IT told, once for each version; never raises.

    Returns: whether it was the first time.
    """
    try:
        with transaction.atomic():
            first = MessageWording.objects.filter(pk=wording_id, broken_at=None)
            if not first.update(broken_at=now, broken_error=error[:500]):
                return False
            row = MessageWording.objects.get(pk=wording_id)
            outbox.publish(
                events.WordingBroke(
                    wording_id=row.pk,
                    template=row.template,
                    language=row.language,
                    number=row.number or 0,
                    error=row.broken_error,
                )
            )
    except Exception:  # the message goes out all the same, and the next one reports it
        log.exception("Version %s of some words is broken, and that was not recorded", wording_id)
        return False
    return True


def _words_check(*, template: str, language: str, words: Words, note: str, now: datetime) -> None:
    found: dict[str, str] = {}
    for part in sandbox.PARTS:
        if wrong := sandbox.problems(part=part, source=words.source(part)):
            found[part] = " ".join(wrong)
    if len(note.strip()) > NOTE_LENGTH:
        found["note"] = f"Shorten the note to {NOTE_LENGTH} characters."
    if not found:
        found = previews.failures(template=template, language=language, words=words, now=now)
    if found:
        raise InvalidInput("The words were not saved.", fields=found)


def _draft_lock(template: str, language: str) -> MessageWording | None:
    drafts = MessageWording.objects.filter(template=template, language=language, published_at=None)
    return drafts.select_for_update(of=("self",)).first()


def _publish(row: MessageWording, *, actor: "User", now: datetime) -> MessageWording:
    versions = MessageWording.objects.filter(template=row.template, language=row.language)
    row.number = (versions.aggregate(latest=Max("number"))["latest"] or 0) + 1
    row.published_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # notifications_one_version_of_a_number: somebody published this instant
        raise errors.WordingChangedMeanwhile(
            "Somebody else published words of this template at the same moment. Look again; nothing was changed."
        ) from error
    outbox.publish(
        events.WordingPublished(
            wording_id=row.pk,
            template=row.template,
            language=row.language,
            number=row.number,
            is_shipped=row.is_shipped,
            note=row.note,
        ),
        actor_id=actor.pk,
    )
    return row
