"""One check of e-mail and password for pages and API."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts import errors, services
from accounts.doors import limits
from accounts.models import User


def user_authenticated(request: HttpRequest, *, email: str, password: str) -> User:
    """
    Return the user of an e-mail and a password; guesses are counted by e-mail and address (django-axes).

    Raises: CredentialsWrong, EmailUnconfirmed (the link is on its way again), DocumentStoreUnavailable.
    """
    try:
        # One spelling, so that guesses at the same e-mail in other cases are counted together.
        user = authenticate(request, username=email.strip().lower(), password=password)
    except errors.EmailUnconfirmed as error:
        if limits.is_within(what="confirmation", who=str(error.user_id), times=3, seconds=600):
            services.email_confirmation_send(user_id=error.user_id)
        raise
    if not isinstance(user, User):
        raise errors.CredentialsWrong
    return user
