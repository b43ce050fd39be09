"""What can go wrong with messages."""

from common.errors import DomainError, Forbidden, Kind, NotFound


class NotificationNotFound(NotFound):
    """No such message in the queue."""

    code = "notification_not_found"
    sentence = "There is no such message in the queue."


class MailNotFound(NotFound):
    """No such file in the mail directory."""

    code = "mail_not_found"
    sentence = "There is no such mail here."


class QueueForbidden(Forbidden):
    """The queue and the kept mails are IT's: mails carry links that open accounts."""

    code = "queue_forbidden"
    sentence = "Your role does not open the message queue. It is for IT."


class MoveNotAllowed(DomainError):
    """The message's status does not allow what was asked."""

    code = "notification_move_not_allowed"
    kind = Kind.CONFLICT
    sentence = "This message is {status} and cannot be {wanted}. Nothing was changed."


class NoLongerApplies(DomainError):
    """The message would tell something that is not so any more; it is cancelled instead of sent."""

    code = "no_longer_applies"
    kind = Kind.GONE
    sentence = "It does not apply any more."


class WordingNotFound(NotFound):
    """No such template, language or version."""

    code = "wording_not_found"
    sentence = "There is no such template, language or version."


class WordingChangedMeanwhile(DomainError):
    """Somebody else kept another draft since the editor was opened."""

    code = "wording_changed_meanwhile"
    kind = Kind.CONFLICT
    sentence = (
        "Somebody else has changed this draft since you opened it. Yours is still below and was not saved."
        " Open the page again in another window to see theirs."
    )


class NothingToPublish(DomainError):
    """There is no draft, or the shipped words are in use already."""

    code = "nothing_to_publish"
    kind = Kind.CONFLICT
    sentence = "There is nothing to publish. Nothing was changed."


class MailNotTaken(DomainError):
    """The mail server did not take the test mail."""

    code = "mail_not_taken"
    kind = Kind.BUSY
    sentence = "The mail server did not take the test mail: {said}"


class UnsubscribeLinkInvalid(NotFound):
    """The link is not ours, its account is closed, or the topic cannot be switched off any more."""

    code = "unsubscribe_link_invalid"
    sentence = "This link does not stand for mails of anybody. Copy it whole from the mail, or sign in to choose there."
