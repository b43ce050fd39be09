"""What keeps all workers together within a provider's limit."""

from django.db import models


class MailSlot(models.Model):
    """
    One of the mails that a provider takes in a minute: whoever sends takes a free slot, which is free again after it.

    As many slots as mails a minute, so no minute ever has more, however many workers there are; each takes another row
    (SKIP LOCKED), so none waits for another.
    """

    provider = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    free_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "number"], name="notifications_one_slot_of_a_number"),
        ]
        indexes = [models.Index(fields=["provider", "free_at", "number"], name="notifications_free_slots")]

    def __str__(self) -> str:
        return f"{self.provider} {self.number}"
