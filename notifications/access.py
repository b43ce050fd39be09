"""Who may look into the queue and the kept mails."""

from typing import TYPE_CHECKING

from accounts import selectors as account_selectors
from accounts.enums import EmployeeRole
from notifications import errors

if TYPE_CHECKING:
    from accounts.models import User


def queue_staff_require(actor: "User") -> None:
    """
    Let IT and admins pass.

    Raises: QueueForbidden for everybody else.
    """
    if not account_selectors.employee_has_role(actor, EmployeeRole.IT):
        raise errors.QueueForbidden
