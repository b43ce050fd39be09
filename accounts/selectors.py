"""What can be asked about accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import demo, errors, remembered, tokens
from accounts.enums import EmployeeRole, UserKind
from accounts.models import User
from common import keyset
from common.errors import Forbidden, NotFound
from common.postgres import statements
from documents.records import ProfileRecord, SecondFactor
from documents.repositories import Credentials, Profiles

HOMES = {
    UserKind.CUSTOMER: "customer:home",
    UserKind.SUPPLIER: "supplier:home",
    UserKind.EMPLOYEE: "employee:home",
}
_CONTINENTS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Whom to write to, and how."""

    user_id: int
    email: str
    full_name: str
    short_name: str
    kind: str
    language: str
    time_zone: str


# --- the profile -----------------------------------------------------------------------------------------------------
def profile_get(*, customer: User) -> ProfileRecord:
    """Return a customer's profile; as it begins where there is none yet. Raises: DocumentStoreUnavailable."""
    return Profiles.get(customer.pk) or profile_at_first(customer=customer, now=customer.created_at)


def profile_at_first(*, customer: User, now: datetime) -> ProfileRecord:
    """Return what a profile says before its customer has changed anything."""
    return ProfileRecord(
        customer_id=customer.pk, full_name=customer.full_name, locale=customer.language, updated_at=now
    )


# --- finding --------------------------------------------------------------------------------------------------------
def user_by_email(*, email: str) -> User | None:
    """Return the user with this e-mail, in any case."""
    return User.objects.filter(email=email.strip().lower()).first()


def user_list(*, actor: User, text: str = "", kind: str = "", cursor: str = "", limit: int = 50) -> keyset.Page:
    """
    Return accounts by e-mail, a page at a time, for support and IT.

    Args:
        text: part of the e-mail or the name, in any case.
    Raises: Forbidden, InvalidInput (cursor).
    """
    _accounts_check(actor)
    rows = User.objects.all()
    if wanted := text.replace("\0", "").strip():
        rows = rows.filter(Q(email__icontains=wanted) | Q(full_name__icontains=wanted))
    if kind:
        rows = rows.filter(kind=kind)
    return keyset.page(rows=rows, order=("email",), cursor=cursor, limit=limit)


def user_get(*, actor: User, user_id: int) -> User:
    """Return an account, for support and IT. Raises: Forbidden, UserNotFound."""
    _accounts_check(actor)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise errors.UserNotFound
    return user


def _accounts_check(actor: User) -> None:
    if not employee_has_role(actor, EmployeeRole.SUPPORT, EmployeeRole.IT):
        raise Forbidden("Accounts are for support and IT.")


def second_factor_get(*, user_id: int) -> SecondFactor | None:
    """Return a user's second factor, None when there is none. Raises: DocumentStoreUnavailable."""
    record = Credentials.get(user_id)
    return None if record is None else record.factor


def user_active(*, user_id: int) -> User | None:
    """Return the user while the account is active."""
    user = statements.row_get(User, user_id)
    return user if user is not None and user.is_active else None


def user_by_access_token(*, token: str, now: datetime) -> User:
    """
    Return the active user that an API access token stands for.

    Raises: TokenInvalid.
    """
    read = tokens.read(token=token, purpose=tokens.ACCESS, max_age=settings.ACCESS_TOKEN_MAX_AGE, now=now)
    if read is None:
        raise errors.TokenInvalid
    user_id, fingerprint = read
    for look in (remembered.user_remembered, remembered.user_read):
        user = look(user_id=user_id)
        if user is not None and user.is_active and tokens.matches(user, tokens.ACCESS, fingerprint):
            return user
    raise errors.TokenInvalid


def user_by_reset_link(*, uid: str, token: str) -> User:
    """
    Return the active user that a reset link stands for.

    Raises: LinkInvalid.
    """
    try:
        user = user_active(user_id=int(urlsafe_base64_decode(uid)))
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise errors.LinkInvalid
    return user


# --- for mails ------------------------------------------------------------------------------------------------------
def user_contact(user_id: int) -> Contact:
    """
    Return how to write to an active user.

    Raises: NotFound.
    """
    user = user_active(user_id=user_id)
    if user is None:
        raise NotFound("There is no active account with this number.")
    return _contact(user)


def user_contacts(*, user_ids: Collection[int]) -> list[Contact]:
    """Return how to write to those of the users who are active, by e-mail. One query."""
    found = User.objects.filter(pk__in=user_ids, is_active=True).order_by("email")
    return [_contact(user) for user in found]


def employee_contacts(*roles: str) -> list[Contact]:
    """Return the active employees with one of the roles (not admins, unless named), by e-mail."""
    found = User.objects.filter(kind=UserKind.EMPLOYEE, employee_role__in=roles, is_active=True).order_by("email")
    return [_contact(user) for user in found]


def time_zones() -> dict[str, list[str]]:
    """Return the time zones that people live in, by continent, for a list to choose from."""
    found: dict[str, list[str]] = {"": ["UTC"]}
    for name in sorted(available_timezones()):
        continent = name.partition("/")[0]
        if continent in _CONTINENTS and "/" in name:
            found.setdefault(continent, []).append(name)
    return found


def _contact(user: User) -> Contact:
    return Contact(
        user_id=user.pk,
        email=user.email,
        full_name=user.get_full_name(),
        short_name=user.get_short_name(),
        kind=user.kind,
        language=user.language,
        time_zone=user.time_zone,
    )


def email_confirmation_link_path(user_id: int, *, now: datetime | None = None) -> str:
    """
    Make the path of a fresh link that confirms the e-mail; call it when the mail is sent, and store it nowhere.

    Args:
        now: when the link's life begins; the present when not given.
    Raises: NotFound when there is no such active user.
    """
    user = _user_for_link(user_id)
    token = tokens.make(user=user, purpose=tokens.CONFIRMATION, now=now or timezone.now())
    return reverse("accounts:confirm", args=[token])


def password_reset_link_path(user_id: int) -> str:
    """
    Make the path of a fresh link that sets a new password; call it when the mail is sent, and store it nowhere.

    Raises: NotFound when there is no such active user.
    """
    user = _user_for_link(user_id)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:reset", args=[uid, default_token_generator.make_token(user)])


def _user_for_link(user_id: int) -> User:
    user = user_active(user_id=user_id)
    if user is None:
        raise NotFound("There is no active account with this number.")
    return user


# --- for doors ------------------------------------------------------------------------------------------------------
def home_url_name(user: User) -> str:
    """Return the URL name of the portal that is the user's."""
    return HOMES[UserKind(user.kind)]


def employee_has_role(user: User, *roles: EmployeeRole | str) -> bool:
    """Whether the user is an active employee with one of the roles, any role when none is named; admins have all."""
    if not user.is_active or user.kind != UserKind.EMPLOYEE:
        return False
    return not roles or user.employee_role in (*roles, EmployeeRole.ADMIN)


def demo_signins() -> list[demo.DemoPerson]:
    """Return those people of the demo data who exist here, in the order to show them; none outside a demo."""
    if not settings.DEMO:
        return []
    there = set(
        User.objects.filter(email__in=[person.email for person in demo.PEOPLE], is_active=True).values_list(
            "email", flat=True
        )
    )
    return [person for person in demo.PEOPLE if person.email in there]
