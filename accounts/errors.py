"""What can go wrong with accounts, in sentences fit for the person."""

from common.errors import DomainError, InvalidInput, Kind


class AccountError(DomainError):
    """The family of this package."""


class CredentialsWrong(AccountError):
    """No active user has this e-mail with this password; never says which of the two is wrong."""

    code = "credentials_wrong"
    kind = Kind.UNAUTHENTICATED
    sentence = "The e-mail or the password is wrong. Check both; the password is case-sensitive."


class SecondFactorRequired(AccountError):
    """The password is right; an employee proves more than that."""

    code = "second_factor_required"
    kind = Kind.UNAUTHENTICATED
    sentence = (
        "Send `code` too: the six digits that your authenticator app shows, or a recovery code. "
        "If you have none yet, sign in on the web site once; it sets them up."
    )


class CodeWrong(AccountError):
    """The code is wrong, too old, or was used; never says which."""

    code = "code_wrong"
    kind = Kind.UNAUTHENTICATED
    sentence = "This code does not work. Wait for the next one and type it, or use a recovery code that is left."


class TooManyCodes(AccountError):
    """So many wrong codes were given for this user that none is looked at for a while."""

    code = "too_many_attempts"
    kind = Kind.BUSY
    sentence = "Too many wrong codes were given. Wait 15 minutes, then try again."


class SignInWrong(AccountError):
    """An e-mail, a password and a code do not belong together; never says which of them is wrong."""

    code = "sign_in_wrong"
    kind = Kind.UNAUTHENTICATED
    sentence = "The e-mail, the password or the code is wrong. Each code works once; take the next one."


class SecondFactorThere(AccountError):
    """Somebody enrols who has a second factor already, or it changed in between."""

    code = "second_factor_there"
    kind = Kind.CONFLICT
    sentence = "Your second factor was set up or changed a moment ago. Begin again."


class SecondFactorMissing(AccountError):
    """There is none to reset."""

    code = "second_factor_missing"
    kind = Kind.CONFLICT
    sentence = "There is no second factor to reset: it is set up at the next sign-in."


class EmailUnconfirmed(AccountError):
    """The password is right, but the e-mail was never confirmed."""

    code = "email_unconfirmed"
    kind = Kind.FORBIDDEN
    sentence = "Confirm your e-mail first; we sent the link again."

    def __init__(self, *, user_id: int) -> None:
        self.user_id = user_id
        super().__init__()


class LinkInvalid(AccountError):
    """A link from a mail is damaged, used or too old."""

    code = "link_invalid"
    kind = Kind.GONE
    sentence = "This link does not work any more: it was used, is too old, or is not complete. Ask for a new one."


class UserNotFound(AccountError):
    """No account has this number."""

    code = "user_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such account."


class TokenInvalid(AccountError):
    """An access or refresh token is made up, too old, used or revoked."""

    code = "token_invalid"
    kind = Kind.UNAUTHENTICATED
    sentence = "This token is not valid any more. Sign in again for a new one."


class EmailTaken(AccountError):
    """Another account has this e-mail."""

    code = "email_taken"
    kind = Kind.CONFLICT
    sentence = "There is an account with the e-mail {email} already."


class PasswordWeak(InvalidInput):
    """The new password is too easy to guess; `fields` says why."""

    code = "password_weak"
    sentence = "Choose another password."


class SavedPassengerNotFound(AccountError):
    """The customer has saved nobody with this id."""

    code = "saved_passenger_not_found"
    kind = Kind.NOT_FOUND
    sentence = "There is no such saved passenger in your profile."


class SavedPassengersFull(AccountError):
    """The profile has no room for another passenger."""

    code = "saved_passengers_full"
    kind = Kind.CONFLICT
    sentence = "You can keep {most} passengers. Remove one, then save another."


class PasswordWrong(InvalidInput):
    """The present password was not given right."""

    code = "password_wrong"
    sentence = "Your present password is not right."
