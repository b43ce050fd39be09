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
