"""
Links that switch off the mails of one topic for one person, or one address without an account, without signing in.

Whoever has such a link can do just that, and the opposite. It never ends: mail programs keep mails for years, and the
law wants their links to work.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

_SALT = "notifications.unsubscribe"
_MARK = "notifications.addresses"
_ADDRESS = "a"  # before a digest; ids of users are digits


@dataclass(frozen=True, kw_only=True)
class Unsubscription:
    """Whose mails of which topic: a user's, or those to an address without an account, known by its digest."""

    user_id: int | None
    address_digest: str
    topic: str

    @property
    def address_marks(self) -> list[str]:
        """What may stand for the address in our tables, see `address_marks`."""
        return address_marks(self.address_digest)


def address_marks(digest: str) -> list[str]:
    """
    Return what may stand for an address in our tables, from its digest (policies.address_digest); none for no digest.

    The first is what is written now: made with SECRET_KEY, so that nobody can try out addresses on a copy of the table.
    The next are those of SECRET_KEY_FALLBACKS; the last, the digest itself, is what versions before kept.
    """
    if not digest:
        return []
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    keyed = [salted_hmac(_MARK, digest, secret=key, algorithm="sha256").hexdigest()[:32] for key in keys]
    return [*keyed, digest]


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
