"""Whose endpoints are whose: a supplier's owner and operators have theirs, IT looks after all and has its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole, UserKind
from launches import selectors as launch_selectors
from launches.enums import MemberRole
from notifications.webhooks import errors, event_types
from notifications.webhooks.enums import EndpointStatus
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Desk:
    """From where somebody works with endpoints: for a supplier, or (without one) for the platform, over all."""

    supplier_id: int | None
    may_have_money: bool

    def endpoints(self) -> QuerySet[WebhookEndpoint]:
        """Return what is to be seen from here; an operator sees none that passes amounts on, or has some in its log."""
        rows = WebhookEndpoint.objects.exclude(status=EndpointStatus.REMOVED).select_related("supplier")
        if self.supplier_id is None:
            return rows
        rows = rows.filter(supplier_id=self.supplier_id)
        if self.may_have_money:
            return rows
        money = [one.name for one in event_types.ALL if one.is_money]
        told = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), message__event_type__in=money)
        return rows.filter(~Exists(told), has_money_events=False)

    def owns(self, endpoint: WebhookEndpoint) -> bool:
        """Tell whether its address, events and secret are this desk's to change."""
        return endpoint.supplier_id == self.supplier_id


def desk_of(actor: "User") -> Desk:
    """
    Return the actor's desk.

    Raises: WebhooksForbidden for everybody but suppliers' owners and operators, IT and admins.
    """
    if actor.kind == UserKind.SUPPLIER:
        member = launch_selectors.member_get_own(actor=actor)
        if member.role not in (MemberRole.OWNER, MemberRole.OPERATOR):
            raise errors.WebhooksForbidden
        return Desk(supplier_id=member.supplier_id, may_have_money=member.role == MemberRole.OWNER)
    if account_selectors.employee_has_role(actor, EmployeeRole.IT):
        return Desk(supplier_id=None, may_have_money=True)
    raise errors.WebhooksForbidden


def endpoint_of(desk: Desk, endpoint_id: UUID, *, is_locked: bool = False) -> WebhookEndpoint:
    """Return one of the desk's endpoints, locked for a change if so asked. Raises: EndpointNotFound."""
    rows = desk.endpoints().filter(pk=endpoint_id)
    found = (rows.select_for_update(of=("self",)) if is_locked else rows).first()
    if found is None:
        raise errors.EndpointNotFound
    return found


def owned_require(desk: Desk, endpoint: WebhookEndpoint) -> None:
    """Raises: NotTheOwners when the endpoint is another's to change."""
    if not desk.owns(endpoint):
        assert endpoint.supplier is not None  # noqa: S101 - a supplier's desk sees none but its own
        raise errors.NotTheOwners(supplier=endpoint.supplier.trade_name)
