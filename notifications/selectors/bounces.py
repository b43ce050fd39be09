"""Reads of addresses that mails come back from."""

from notifications.models import BouncedAddress


def is_bounced(*, address: str) -> bool:
    """Whether mails to an address come back, or were reported as unwanted."""
    return BouncedAddress.objects.filter(address=address.lower()).exists()
