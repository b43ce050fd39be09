"""One check of e-mail and password, and one of codes, for pages and API."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
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


def code_checked(request: HttpRequest, user: User, *, code: str, now: datetime) -> None:
    """
    Use up a code of the user; wrong ones are counted by user, by network and, as wrong passwords are, by django-axes.

    Raises: TooManyCodes, CodeWrong, DocumentStoreUnavailable.
    """
    with codes_counted(request, user):
        services.second_factor_check(user=user, code=code, now=now)


@contextmanager
def codes_counted(request: HttpRequest, user: User) -> Iterator[None]:
    """Count a CodeWrong of the block against the user and the network. Raises: TooManyCodes, before the block."""
    guesses = limits.code_guesses(user.pk)
    if limits.is_used_up(**guesses):
        raise errors.TooManyCodes
    try:
        yield
    except errors.CodeWrong:
        limits.is_within(**guesses)
        limits.is_within(**limits.sign_in_guesses(request))
        user_login_failed.send(sender=__name__, credentials={"username": user.email}, request=request)
        raise
