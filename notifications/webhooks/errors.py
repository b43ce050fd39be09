"""What can go wrong with webhooks."""

from common.errors import DomainError, Forbidden, Kind, NotFound


class WebhooksForbidden(Forbidden):
    """Endpoints are for a supplier's owner and operators, and for IT."""

    code = "webhooks_forbidden"
    sentence = "Your role does not open webhooks. They are for a supplier's owner and operators, and for IT."


class NotTheOwners(Forbidden):
    """IT looks after a supplier's endpoint, but its address and secret are the supplier's."""

    code = "webhook_is_the_suppliers"
    sentence = "This endpoint is {supplier}'s: you may pause, resume, test and replay it, but not change it."


class MoneyIsTheOwners(Forbidden):
    """Amounts are not an operator's to pass on."""

    code = "webhook_money_forbidden"
    sentence = "Events about money are for a supplier's owner. Leave out: {names}. Nothing was changed."


class EndpointNotFound(NotFound):
    """No such endpoint, or not the actor's."""

    code = "webhook_not_found"
    sentence = "There is no such webhook endpoint here."


class DeliveryNotFound(NotFound):
    """No such delivery of this endpoint."""

    code = "webhook_delivery_not_found"
    sentence = "There is no such delivery of this endpoint."


class TooManyEndpoints(DomainError):
    """A supplier has as many endpoints as it may have."""

    code = "webhook_limit_reached"
    kind = Kind.CONFLICT
    sentence = "You have {limit} endpoints already. Remove one first."


class MoveNotAllowed(DomainError):
    """The endpoint's or the delivery's status does not allow what was asked."""

    code = "webhook_move_not_allowed"
    kind = Kind.CONFLICT
    sentence = "This is {status} and cannot be {wanted}. Nothing was changed."


class ChangedMeanwhile(DomainError):
    """Somebody else changed the endpoint at the same moment."""

    code = "webhook_changed_meanwhile"
    kind = Kind.CONFLICT
    sentence = "Somebody else changed this endpoint at the same moment. Look at it again; nothing was changed by you."


class TargetRefused(DomainError):
    """We do not send there: no public address, or not one that we may reach."""

    code = "webhook_target_refused"
    sentence = "Webhooks go to public addresses only."
