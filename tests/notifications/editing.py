"""What IT does to the words of messages, for tests."""

from django.core import mail as django_mail

from notifications import selectors, services
from notifications.models import MessageWording, Notification
from notifications.wordings import Words
from tests.notifications.builders import NOW

OURS = Words(subject="Hello {{ reader_name }}", text="Changed at {{ changed_at }}", html="<p>At {{ changed_at }}</p>")


def save(actor, words=OURS, *, template="password_changed", language="en", note="", seen="", now=NOW):
    return services.wording_draft_save(
        actor=actor, template=template, language=language, words=words, note=note, seen=seen, now=now
    )


def publish(actor, words=OURS, *, template="password_changed", language="en", **more):
    draft = save(actor, words, template=template, language=language, **more)
    return services.wording_publish(actor=actor, template=template, language=language, seen=draft.stamp, now=NOW)


def send(now=NOW):
    django_mail.outbox.clear()
    Notification.objects.filter(status="pending").update(due_at=now)
    services.notifications_send_due(now=now, limit=50)
    return django_mail.outbox


def view(actor, template="password_changed", language="en"):
    return selectors.wording_view(actor=actor, template=template, language=language)


def break_words(it, template="password_changed"):
    """Publish words that were fine on the data of the day they were checked."""
    version = publish(it, template=template)
    MessageWording.objects.filter(pk=version.pk).update(text="{% for letter in changed_at %}{{ letter }}{% endfor %}")
    return version
