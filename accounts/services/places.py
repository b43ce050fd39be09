"""
From where people sign in, so that a new place can be told to them.

# Note [A place is a mark, not an address]
Neither addresses nor browsers are kept. A place is a keyed hash: of the random cookie that a browser gets at its first
sign-in, or of the network (the first half of the address) with the kind of browser. Each hash holds the user's id, so
that the marks of two users who share a place have nothing in common, and whoever reads the table learns no place.
"""

from datetime import datetime
from ipaddress import ip_address, ip_network

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts import events
from accounts.models import SignInPlace, User
from common import outbox

KEPT = 40  # marks a user, the latest; a sign-in leaves up to two


def sign_in_record(*, user: User, device: str, address: str, client: str, now: datetime) -> bool:
    """
    Remember from where a user signed in, and have the user told when it is a place never seen before.

    A user's very first place is only remembered.

    Args:
        device: the random text of the browser's cookie; '' for programs.
        address: the network address; only its first half counts, for most change within their network.
        client: the kind of browser and system, e.g. "Firefox, Linux"; it is said in the message.
    Returns: whether the place is new.
    """
    marks = [_mark(user, f"network {_network(address)} {client}")]
    if device:
        marks.append(_mark(user, f"device {device}"))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two sign-ins at once from a new place tell of it once
        places = SignInPlace.objects.filter(user=user)
        had_any = places.exists()
        known = places.filter(mark__in=marks).update(latest_at=now)
        SignInPlace.objects.bulk_create(
            [SignInPlace(user=user, mark=mark, latest_at=now) for mark in marks], ignore_conflicts=True
        )
        kept = places.order_by("-latest_at", "-pk").values_list("pk", flat=True)[:KEPT]
        places.exclude(pk__in=list(kept)).delete()
        is_new = had_any and not known
        if is_new:
            outbox.publish(events.SignedInFromNewPlace(user_id=user.pk, client=client), actor_id=user.pk)
    return is_new


def _mark(user: User, place: str) -> str:
    return salted_hmac("accounts.places", f"{user.pk} {place}", algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:  # a socket without an address
        return "none"
    return str(ip_network((found, 16 if found.version == 4 else 32), strict=False))
