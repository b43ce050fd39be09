"""The user: an e-mail, exactly one kind, and no secret."""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.contrib.auth.models import PermissionsMixin
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import policies
from accounts.enums import EmployeeRole, Language, UserKind
from documents.errors import DocumentStoreUnavailable
from documents.records import CredentialRecord
from documents.repositories import Credentials

log = logging.getLogger(__name__)


def new_stamp() -> str:
    """Return an opaque random text that changes with each new password."""
    return secrets.token_hex(16)


def _next_user_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_user', 'id'))")
        return int(cursor.fetchone()[0])


def _credential_put_back(user_id: int, failed_hash: str, old: CredentialRecord | None) -> None:
    """Undo a stored hash unless somebody stored another meanwhile; what cannot be undone, reconciliation finds."""
    try:
        if old is not None:
            Credentials.rehash(user_id=user_id, old_hash=failed_hash, new_hash=old.password_hash, now=old.updated_at)
        else:
            Credentials.delete(user_id)
    except DocumentStoreUnavailable:
        log.error("The stored password of user %s is newer than the account says.", user_id)


class UserManager(BaseUserManager["User"]):
    """Makes users; names are case-insensitive e-mails."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by e-mail, in any case."""
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user with a password; without one the account cannot sign in until a reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an employee with the admin role."""
        fields |= {
            "kind": UserKind.EMPLOYEE,
            "employee_role": EmployeeRole.ADMIN,
            "is_superuser": True,
            "email_confirmed_at": timezone.now(),
        }
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """
    A person who can sign in.

    The password hash lives in Logs MongoDB. What Django knows as `password` is here an opaque stamp that changes with
    it, so sessions and reset links made before a change die (never set `password = None`: docs/adr/0005).
    """

    email = models.EmailField("e-mail", unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=UserKind.choices)
    employee_role = models.CharField(max_length=10, choices=EmployeeRole.choices, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=40, default="UTC")
    is_active = models.BooleanField(default=True)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    credential_stamp = models.CharField(max_length=32, default=new_stamp, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_only_employees_have_an_employee_role",
                condition=(Q(kind=UserKind.EMPLOYEE) & ~Q(employee_role=""))
                | (~Q(kind=UserKind.EMPLOYEE) & Q(employee_role="", is_superuser=False)),
            ),
            models.CheckConstraint(name="accounts_email_is_lower_case", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="accounts_language_is_known", condition=Q(language__in=Language.values)),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """Return the name people call the user by."""
        return self.full_name.strip() or self.email

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.get_full_name().split()[0].split("@")[0]

    # --- what the credential store keeps ------------------------------------------------------------
    @property
    def password(self) -> str:  # type: ignore[override]  # no column: see the class
        """Return the stamp: what Django binds sessions and reset links to."""
        return self.credential_stamp

    def set_password(self, raw_password: str | None) -> None:
        """Take a new password; it is stored with the next save, and ends all sessions and tokens."""
        self._new_hash: str | None = make_password(raw_password)
        self._password = raw_password
        self.credential_stamp = new_stamp()

    def set_unusable_password(self) -> None:
        """Let nobody sign in with a password until one is set by a reset."""
        self.set_password(None)

    def check_password(self, raw_password: str | None) -> bool:
        """
        Compare with the stored hash; takes as long when there is none.

        Raises: DocumentStoreUnavailable.
        """
        record = Credentials.get(self.pk or 0)
        if record is None or not is_password_usable(record.password_hash):
            make_password(raw_password)
            return False

        def rehash(raw: str) -> None:
            Credentials.rehash(
                user_id=self.pk, old_hash=record.password_hash, new_hash=make_password(raw), now=timezone.now()
            )

        return check_password(raw_password, record.password_hash, rehash)

    def has_usable_password(self) -> bool:
        """Tell whether a password is set."""
        record = Credentials.get(self.pk)
        return record is not None and is_password_usable(record.password_hash)

    @contextmanager
    def new_credential_stored(self) -> Iterator[None]:
        """
        Store the hash of a new password, then run the block that saves the row; enter it before the transaction.

        The hash goes first, so that no transaction waits for the document store; if the block fails, the old hash is
        put back (docs/adr/0005). Does nothing when no password was set.
        """
        new_hash = getattr(self, "_new_hash", None)
        if new_hash is None:
            yield
            return
        if not self.pk:
            self.pk = _next_user_id()
        old = Credentials.get(self.pk)
        Credentials.put(CredentialRecord(user_id=self.pk, password_hash=new_hash, updated_at=timezone.now()))
        self._new_hash = None
        try:
            yield
        except BaseException:
            self._new_hash = new_hash
            _credential_put_back(self.pk, new_hash, old)
            raise

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row, and before it the hash of a new password."""
        fields: Iterable[str] | None = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = [name if name != "password" else "credential_stamp" for name in fields]
        with self.new_credential_stored():
            super().save(*args, **kwargs)

    # --- what Django asks ---------------------------------------------------------------------------
    @property
    def is_confirmed(self) -> bool:
        """Whether the e-mail is known to be the user's."""
        return self.email_confirmed_at is not None

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets the user in."""
        return self.kind == UserKind.EMPLOYEE

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone does not sign the user in."""
        return bool(settings.EMPLOYEE_SECOND_FACTOR and self.kind == UserKind.EMPLOYEE)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind sessions to the way they began too: switching the second factor on ends those of a password alone."""
        stands_for = f"{self.credential_stamp} second factor" if self.needs_second_factor else self.credential_stamp
        return salted_hmac("accounts.session", stands_for, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer by the employee's role: accounts.policies says which apps it may see and change."""
        if not self.is_active or self.kind != UserKind.EMPLOYEE:
            return False
        return policies.role_allows(self.employee_role, perm)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """Answer for several at once."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the admin shows the app at all."""
        return self.is_active and self.kind == UserKind.EMPLOYEE and policies.role_sees(self.employee_role, app_label)


class SignInPlace(models.Model):
    """A place from which a user signed in, as a keyed hash that gives no place away (accounts.services.places)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64, help_text="HMAC-SHA-256, in hexadecimal")
    latest_at = models.DateTimeField(help_text="of the latest sign-in from there")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "mark"], name="accounts_a_place_is_known_once")]

    def __str__(self) -> str:
        return self.mark[:8]
