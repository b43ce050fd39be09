"""The sign-in pages that the three portals and the admin share, and what guards them against guessing."""

from accounts.doors.limits import locked_out

__all__ = ["locked_out"]
