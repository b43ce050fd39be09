"""
Links that switch off the mails of one topic for one person, or one address without an account, without signing in.

Whoever has such a link can do just that, and the opposite. It never ends: mail programs keep mails for years, and the
law wants their links to work.
"""

from dataclasses import dataclass

from django.core import signing

_SALT = "notifications.unsubscribe"
_ADDRESS = "a"  # before a digest; ids of users are digits


@dataclass(frozen=True, kw_only=True)
class Unsubscription:
    """Whose mails of which topic: a user's, or those to an address without an account, known by its digest."""

    user_id: int | None
    address_digest: str
    topic: str


def unsubscribe_token(*, user_id: int | None, address_digest: str = "", topic: str) -> str:
    """Return what stands in the link: user or address, and topic, with our signature."""
    return signing.Signer(salt=_SALT).sign(f"{user_id or _ADDRESS + address_digest}-{topic}")


def unsubscription(token: str) -> Unsubscription | None:
    """Return what a link stands for; none when it is not ours."""
    try:
        whose, _, topic = signing.Signer(salt=_SALT).unsign(token).partition("-")
        if whose.startswith(_ADDRESS):
            return Unsubscription(user_id=None, address_digest=whose.removeprefix(_ADDRESS), topic=topic)
        return Unsubscription(user_id=int(whose), address_digest="", topic=topic)
    except (signing.BadSignature, ValueError):
        return None
