"""How Django's `authenticate` finds people."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts import selectors
from accounts.errors import EmailUnconfirmed
from accounts.models import User


class EmailBackend(BaseBackend):
    """E-mail, in any case, and password. Takes as long for an unknown e-mail as for a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """
        Return the active user with this e-mail and password, or None.

        Raises: EmailUnconfirmed (only after the right password), DocumentStoreUnavailable (for any e-mail alike).
        """
        if not username or password is None:
            return None
        user = selectors.user_by_email(email=username)
        is_right = (user or User()).check_password(password)
        if user is None or not is_right or not user.is_active:
            return None
        if not user.is_confirmed:
            raise EmailUnconfirmed(user_id=user.pk)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session while the account is active."""
        return User.objects.filter(pk=user_id, is_active=True).first()
