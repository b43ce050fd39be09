"""Tables of what we tell people."""

from notifications.models.queue import Notification

__all__ = ["Notification"]
