"""The sign-in pages that the three portals and the admin share, and what guards them against guessing."""

from accounts.doors.limits import client_ip, locked_out

__all__ = ["client_ip", "locked_out"]
