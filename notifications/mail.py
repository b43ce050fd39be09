"""
Mails in files: where no SMTP server is set, each mail becomes one .eml file that IT reads in the employee portal.

A file is named by the mail's own Date and Message-ID. Both stay the same when a mail is sent again after a crash, so
here a second attempt replaces the first file instead of standing beside it.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications import access, errors

if TYPE_CHECKING:
    from accounts.models import User

_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[A-Za-z0-9._-]{1,120}\.eml")
PAGE = 50
# Only the head of a file is read for lists; ours are below 2 KiB.
_HEAD_BYTES = 16 * 1024


class FileBackend(BaseEmailBackend):
    """Django's mail backend that writes files, each whole or not at all, for the owner of the process only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; return how many. Raises: OSError when the disk refuses."""
        directory = Path(settings.MAIL_DIR)
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        for message in email_messages:
            _write(directory, message)
        return len(email_messages)


def _write(directory: Path, message: EmailMessage) -> None:
    built: Any = message.message()  # Django's own class, whose as_bytes takes a line separator
    name = _file_name(str(built["Date"]), str(built["Message-ID"]))
    draft = directory / f".{uuid.uuid4().hex}.part"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(built.as_bytes(linesep="\r\n"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(directory / name)
    finally:
        draft.unlink(missing_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _file_name(date_header: str, message_id: str) -> str:
    at = parsedate_to_datetime(date_header).astimezone(UTC)
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", message_id.strip("<> ")).strip(".-")
    if not safe or len(safe) > 100:
        safe = hashlib.sha256(message_id.encode()).hexdigest()[:40]
    return f"{at:%Y%m%dT%H%M%S}-{safe}.eml"


# --- reading them back -----------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class MailSummary:
    """A line of the list of mails; `name` is the file's, and sorts by time."""

    name: str
    sender: str
    to: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MailAttachment:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, kw_only=True)
class Mail(MailSummary):
    """A mail as its receiver gets it; `html` is the mail's own markup and must be shown in a sandbox."""

    message_id: str
    request_id: str
    text: str
    html: str
    attachments: tuple[MailAttachment, ...]


def mails_are_files() -> bool:
    """Whether mails are kept in files here, rather than sent to an SMTP server."""
    return bool(f"{FileBackend.__module__}.{FileBackend.__qualname__}" == settings.EMAIL_BACKEND)


def mail_list(*, actor: "User", text: str = "", before: str = "", limit: int = PAGE) -> list[MailSummary]:
    """
    List kept mails, latest first.

    Args:
        text: only mails whose sender, receiver or subject contains it, in any case.
        before: the `name` of the last mail of the page before.
    Raises: QueueForbidden for everybody but IT and admins.
    """
    access.queue_staff_require(actor)
    wanted = text.strip().casefold()
    found: list[MailSummary] = []
    for name in sorted(_names(), reverse=True):
        if len(found) >= limit:
            break
        if before and name >= before:
            continue
        summary = _summary_read(name)
        if summary is None:  # removed meanwhile
            continue
        if wanted in f"{summary.sender}\n{summary.to}\n{summary.subject}".casefold():
            found.append(summary)
    return found


def mail_read(*, actor: "User", name: str) -> Mail:
    """
    Read one kept mail by its file name.

    Raises: QueueForbidden for everybody but IT and admins; MailNotFound.
    """
    access.queue_staff_require(actor)
    raw = _bytes_read(name)
    if raw is None:
        raise errors.MailNotFound
    parsed = _parsed(raw)
    return Mail(
        **_summary(name, parsed),
        message_id=str(parsed["Message-ID"] or ""),
        request_id=str(parsed["X-Request-ID"] or ""),
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        attachments=tuple(
            MailAttachment(
                name=part.get_filename() or "attachment",
                content_type=part.get_content_type(),
                content=_content(part),
            )
            for part in parsed.iter_attachments()
        ),
    )


def _content(part: ParsedMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _names() -> list[str]:
    try:
        return [name for name in os.listdir(settings.MAIL_DIR) if _NAME.fullmatch(name)]
    except FileNotFoundError:
        return []


def _bytes_read(name: str, size: int = -1) -> bytes | None:
    """Read a file of the mail directory; nothing for names that are not ours, links and what is gone."""
    if not _NAME.fullmatch(name):
        return None
    try:
        handle = os.open(Path(settings.MAIL_DIR) / name, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(size)


def _summary_read(name: str) -> MailSummary | None:
    raw = _bytes_read(name, _HEAD_BYTES)
    return None if raw is None else MailSummary(**_summary(name, _parsed(raw.partition(b"\r\n\r\n")[0])))


def _parsed(raw: bytes) -> ParsedMessage:
    return message_from_bytes(raw, _class=ParsedMessage, policy=policy.default)


def _summary(name: str, parsed: ParsedMessage) -> dict[str, Any]:
    try:
        sent_at: datetime | None = parsedate_to_datetime(str(parsed["Date"]))
        if sent_at is not None and sent_at.tzinfo is None:  # "-0000": the instant is known, the sender's zone is not
            sent_at = sent_at.replace(tzinfo=UTC)
    except ValueError:
        sent_at = None
    return {
        "name": name,
        "sender": str(parsed["From"] or ""),
        "to": str(parsed["To"] or ""),
        "subject": str(parsed["Subject"] or ""),
        "sent_at": sent_at,
    }


def _body(parsed: ParsedMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
