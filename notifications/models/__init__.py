"""Tables of what we tell people."""

from notifications.models.preferences import MailOptOut
from notifications.models.queue import Notification
from notifications.models.wording import MessageWording

__all__ = ["MailOptOut", "MessageWording", "Notification"]
