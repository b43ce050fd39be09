"""Tables of what we tell people."""

from notifications.models.queue import Notification
from notifications.models.wording import MessageWording

__all__ = ["MessageWording", "Notification"]
