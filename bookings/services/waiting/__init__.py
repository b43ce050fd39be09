"""
The waiting list of a launch: joining, offers in order, answers (domain.md, Waiting list).

# Note [Entries change under their list's lock]
Every change of an entry happens under the advisory lock of its launch's list, and strangers take seats of a launch with
a list under it too. So there is one order: what somebody behind may have is decided when nobody before changes.
"""

from bookings.services.waiting.customers import offer_accept, offer_decline, waiting_join, waiting_leave
from bookings.services.waiting.serving import waiting_list_close, waiting_lists_serve, waiting_offers_make

__all__ = [
    "offer_accept",
    "offer_decline",
    "waiting_join",
    "waiting_leave",
    "waiting_list_close",
    "waiting_lists_serve",
    "waiting_offers_make",
]
