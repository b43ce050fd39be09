"""Who is told: each function reads an event and returns receivers. Nobody stands in a list twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole
from bookings import selectors as booking_selectors
from common import outbox_consumers
from launches import selectors as launch_selectors
from launches.enums import MemberRole

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A user, an address, or both; without a user there is no inbox, without an address no mail."""

    user_id: int | None
    address: str
    language: str = "en"
    time_zone: str = "UTC"


_LAUNCH_DESK = (MemberRole.OWNER, MemberRole.OPERATOR)
_MONEY_DESK = (MemberRole.OWNER, MemberRole.FINANCE)
Audience = Callable[[outbox_consumers.Delivered], list[Receiver]]


def the_user(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the user the event is about."""
    return _users([event.payload["user_id"]])


def the_bounced(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the user whose address bounces, without the address: the inbox is where they can be told."""
    user_id = event.payload["user_id"]
    return [replace(one, address="") for one in _users([user_id])] if user_id else []


def the_customer(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the customer the event is about."""
    return _users([event.payload["customer_id"]])


def booked_customers(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return everybody with a confirmed or flown booking on the launch."""
    return _users(booking_selectors.customer_ids_of_launch(launch_id=event.payload["launch_id"]))


def vip_customers(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the customers who hear of new launches first."""
    return _users(booking_selectors.vip_customer_ids())


def supplier_contacts(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the owners and operators of the supplier whose launch it is; without any, its contact address."""
    return _of_supplier(event.payload["supplier_id"], _LAUNCH_DESK)


def _of_supplier(supplier_id: int, roles: tuple[MemberRole, ...]) -> list[Receiver]:
    members = _users(launch_selectors.member_user_ids(supplier_id=supplier_id, roles=roles))
    if members:
        return members
    address = launch_selectors.supplier_get(supplier_id=supplier_id).contact_email
    return _unique([Receiver(user_id=None, address=address)])


def supplier_money(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the owners and finance members of the supplier; without any, its contact address."""
    return _of_supplier(event.payload["supplier_id"], _MONEY_DESK)


def finance_staff(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the employees of finance; admins where there are none, so that somebody hears."""
    return _staff(EmployeeRole.FINANCE)


def it_staff(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return the employees of IT; admins where there are none, so that somebody hears."""
    return _staff(EmployeeRole.IT)


def webhook_owners(event: outbox_consumers.Delivered) -> list[Receiver]:
    """Return whose endpoint it is: the supplier's owners (and operators, unless it tells of money), else IT."""
    supplier_id = event.payload["supplier_id"]
    if supplier_id is None:
        return it_staff(event)
    return _of_supplier(supplier_id, (MemberRole.OWNER,) if event.payload["has_money_events"] else _LAUNCH_DESK)


_STAFF_ROLES: dict[Audience, str] = {finance_staff: EmployeeRole.FINANCE, it_staff: EmployeeRole.IT}


def is_still_theirs(to: Audience, *, user: "User") -> bool:
    """Tell whether an employee may still read what went to an audience: roles change while messages wait."""
    role = _STAFF_ROLES.get(to)
    return role is None or user.employee_role in (role, EmployeeRole.ADMIN)


def _staff(role: str) -> list[Receiver]:
    found = account_selectors.employee_contacts(role) or account_selectors.employee_contacts(EmployeeRole.ADMIN)
    return _unique(_receiver(contact) for contact in found)


def _users(user_ids: Iterable[int]) -> list[Receiver]:
    found = account_selectors.user_contacts(user_ids=list(user_ids))
    return _unique(_receiver(contact) for contact in found)


def _receiver(contact: account_selectors.Contact) -> Receiver:
    return Receiver(
        user_id=contact.user_id, address=contact.email, language=contact.language, time_zone=contact.time_zone
    )


def _unique(receivers: Iterable[Receiver]) -> list[Receiver]:
    seen: dict[object, Receiver] = {}
    for receiver in receivers:
        if receiver.user_id is None and not receiver.address:
            continue
        seen.setdefault(receiver.address.lower() or receiver.user_id, receiver)
    return list(seen.values())
