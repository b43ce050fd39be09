"""Mails in files."""

import os
import stat
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications import errors, mail
from notifications.mail import mail_list, mail_read
from tests.notifications.builders import make_it, make_user

pytestmark = pytest.mark.django_db
BACKEND = "notifications.mail.FileBackend"


@pytest.fixture
def box(settings, tmp_path) -> Path:
    settings.MAIL_DIR = tmp_path / "deep" / "mail"
    settings.EMAIL_BACKEND = BACKEND
    return settings.MAIL_DIR


def send(number: int = 1, *, subject: str = "Booked", to: str = "ada@example.org", text: str = "Tëxt — one\n") -> None:
    message = EmailMultiAlternatives(
        subject,
        text,
        "Astro <bookings@example.org>",
        [to],
        headers={
            "Message-ID": f"<{number}@example.org>",
            "Date": f"Sun, 22 Nov 2026 12:00:{number:02d} +0000",
            "X-Request-ID": "req-9",
        },
        connection=get_connection(BACKEND),
    )
    message.attach_alternative("<p>Hällo</p>", "text/html")
    message.attach("trip.ics", "BEGIN:VCALENDAR", "text/calendar")
    assert message.send() == 1


def test_a_mail_is_one_file_that_only_its_owner_reads(box):
    send(7)

    assert os.listdir(box) == ["20261122T120007-7-example.org.eml"]
    assert stat.S_IMODE(box.stat().st_mode) == 0o700
    assert stat.S_IMODE((box / "20261122T120007-7-example.org.eml").stat().st_mode) == 0o600


def test_the_same_mail_sent_again_replaces_its_file(box):
    send(7)
    send(7, text="again\n")

    found = mail_list(actor=make_it())

    assert len(found) == 1
    assert mail_read(actor=make_it("it2@example.org"), name=found[0].name).text == "again\n"


def test_a_read_mail_has_all_its_parts(box):
    send(7)

    read = mail_read(actor=make_it(), name="20261122T120007-7-example.org.eml")

    assert (read.sender, read.to, read.subject) == ("Astro <bookings@example.org>", "ada@example.org", "Booked")
    assert (read.message_id, read.request_id) == ("<7@example.org>", "req-9")
    assert read.sent_at.isoformat() == "2026-11-22T12:00:07+00:00"
    assert (read.text, read.html.strip()) == ("Tëxt — one\n", "<p>Hällo</p>")
    assert [(one.name, one.content_type, one.content) for one in read.attachments] == [
        ("trip.ics", "text/calendar", b"BEGIN:VCALENDAR")
    ]


def test_the_list_is_latest_first_searches_and_pages(box):
    for number, subject in enumerate(["Booked one", "Refund", "Booked two"], start=1):
        send(number, subject=subject, to=f"reader{number}@example.org")
    actor = make_it()

    assert [one.subject for one in mail_list(actor=actor)] == ["Booked two", "Refund", "Booked one"]
    assert [one.subject for one in mail_list(actor=actor, text="bOOKED")] == ["Booked two", "Booked one"]
    assert [one.subject for one in mail_list(actor=actor, text="reader2@")] == ["Refund"]
    page = mail_list(actor=actor, limit=2)
    assert [one.subject for one in mail_list(actor=actor, before=page[-1].name)] == ["Booked one"]


def test_before_the_first_mail_the_list_is_empty(box):
    assert mail_list(actor=make_it()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../secret.eml",
        "/etc/passwd",
        "..%2fsecret.eml",
        "20261122T120007-../../secret.eml",
        "20261122T120007-x.eml\0",
        "20261122T120007-x.eml\n",
        ".eml",
        "",
        "20261122T120007-none.eml",
    ],
)
def test_only_names_of_kept_mails_open_a_file(box, name):
    send(7)
    (box.parent / "secret.eml").write_text("Subject: secret\n\nsecret")

    with pytest.raises(errors.MailNotFound):
        mail_read(actor=make_it(), name=name)


def test_a_link_in_the_directory_is_not_followed(box, tmp_path):
    send(7)
    (tmp_path / "secret").write_text("Subject: secret\n\nsecret")
    (box / "20261122T120009-link.eml").symlink_to(tmp_path / "secret")

    with pytest.raises(errors.MailNotFound):
        mail_read(actor=make_it(), name="20261122T120009-link.eml")
    assert len(mail_list(actor=make_it("it2@example.org"))) == 1


def test_a_half_written_file_is_no_mail(box, monkeypatch):
    send(1)
    monkeypatch.setattr(os, "fsync", _disk_full)

    with pytest.raises(OSError, match="No space"):
        send(2)

    monkeypatch.undo()
    assert os.listdir(box) == ["20261122T120001-1-example.org.eml"]


def _disk_full(_: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("kind", "role"), [("customer", ""), ("supplier", ""), ("employee", "support"), ("employee", "finance")]
)
def test_mails_are_for_it_alone(box, kind, role):
    send(7)
    actor = make_user("nosy@example.org", kind=kind, employee_role=role)

    with pytest.raises(errors.QueueForbidden):
        mail_list(actor=actor)
    with pytest.raises(errors.QueueForbidden):
        mail_read(actor=actor, name="20261122T120007-7-example.org.eml")


def test_files_are_the_backend_only_when_set(box, settings):
    assert mail.mails_are_files() is True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mail.mails_are_files() is False
