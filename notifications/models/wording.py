"""The words of messages that IT wrote in place of the shipped ones."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import Language


class MessageWording(models.Model):
    """
    One version of a template's words in one language; what is not published yet is its draft.

    The published one with the highest number is in use. Nothing published is ever changed or removed, so every mail
    that went out can be explained; going back to the shipped words is a version of its own, without words.
    """

    template = models.CharField(max_length=60)
    language = models.CharField(max_length=5, choices=Language.choices)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="of the version; a draft has none yet")
    is_shipped = models.BooleanField(default=False, help_text="whether this version goes back to the shipped words")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="why it was changed")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True, help_text="when it first failed in a real message")
    broken_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "language", "number"], name="notifications_one_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["template", "language"],
                condition=Q(published_at=None),
                name="notifications_one_draft_of_a_wording",
            ),
            models.CheckConstraint(
                name="notifications_published_words_have_a_number",
                condition=Q(published_at=None, number=None, is_shipped=False)
                | Q(published_at__isnull=False, number__isnull=False),
            ),
            models.CheckConstraint(
                name="notifications_words_are_whole",
                condition=Q(is_shipped=True, subject="", text="", html="")
                | (Q(is_shipped=False) & ~Q(subject="") & ~Q(text="") & ~Q(html="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.language} {self.number or 'draft'}"

    @property
    def stamp(self) -> str:
        """Tell one state of a draft from another."""
        return f"{self.pk}-{self.edited_at.timestamp()}"
