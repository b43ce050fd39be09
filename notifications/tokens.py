"""
Links that switch off the mails of one topic for one person, without signing in.

Whoever has such a link can do just that, and the opposite. It never ends: mail programs keep mails for years, and the
law wants their links to work.
"""

from dataclasses import dataclass

from django.core import signing

_SALT = "notifications.unsubscribe"


@dataclass(frozen=True, kw_only=True)
class Unsubscription:
    """Whose mails of which topic."""

    user_id: int
    topic: str


def unsubscribe_token(*, user_id: int, topic: str) -> str:
    """Return what stands in the link: user and topic, with our signature."""
    return signing.Signer(salt=_SALT).sign(f"{user_id}-{topic}")


def unsubscription(token: str) -> Unsubscription | None:
    """Return what a link stands for; none when it is not ours."""
    try:
        user_id, _, topic = signing.Signer(salt=_SALT).unsign(token).partition("-")
        return Unsubscription(user_id=int(user_id), topic=topic)
    except (signing.BadSignature, ValueError):
        return None
