"""What people know of an object, and what the audit trail knows it by."""

import re
from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from bookings import selectors as booking_selectors
from bookings.errors import BookingNotFound
from launches import selectors as launch_selectors
from launches.errors import LaunchNotFound

if TYPE_CHECKING:
    from accounts.models import User

_REFERENCE = re.compile(r"[A-Z0-9]{6}")
_LAUNCH_PAGE = re.compile(r"launches/([^/?#]+)")


def subject_of(*, actor: "User", text: str) -> tuple[str, str] | None:
    """
    Return the kind and id of the account with this e-mail, the booking with this reference, or the launch with this
    address (the last part of its page's, or all of it; also one it had before); None when there is no such thing.
    """
    text = text.strip()
    page = _LAUNCH_PAGE.search(text)
    if "@" in text and not page:
        user = account_selectors.user_by_email(email=text)
        return ("user", str(user.pk)) if user else None
    if _REFERENCE.fullmatch(text.upper()):
        try:
            booking = booking_selectors.booking_get_for_employee(actor=actor, reference=text)
            return "booking", str(booking.pk)
        except BookingNotFound:
            pass  # a launch may be called so
    try:
        slug = page[1] if page else text
        return "launch", str(launch_selectors.launch_id_of_address(actor=actor, slug=slug))
    except LaunchNotFound:
        return None
