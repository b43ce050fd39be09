"""What a provider's no means: never for this mail, or not now for any mail."""

import smtplib

from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)

# Answers of a provider's API to this very mail; everything else it says is about us, or will pass.
_NEVER = frozenset({400, 406, 413, 422})


def is_refused_for_good(error: Exception) -> bool:
    """Whether the provider said no to this very mail, in a way that means never (SMTP 5xx, RFC 5321 section 4.2.1)."""
    if isinstance(error, AnymailAPIError):
        return error.status_code in _NEVER
    if isinstance(
        error, (AnymailRecipientsRefused, AnymailInvalidAddress, AnymailUnsupportedFeature, AnymailSerializationError)
    ):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def is_server_away(error: Exception) -> bool:
    """Whether no other mail would fare better now: no connection, no sign-in, too many at once, no disk."""
    if isinstance(error, AnymailAPIError):  # a kind of OSError, so it is asked first
        return error.status_code not in _NEVER
    away = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPHeloError)
    if isinstance(error, (*away, smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError)):
        return True
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == 421
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
