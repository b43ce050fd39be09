"""What several tables of this admin have in common: states move by services, launches are told."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.enums import EmployeeRole
from common.errors import DomainError
from launches import services


class ReasonForm(ActionForm):
    """The list's action, with room to say why."""

    reason = forms.CharField(
        required=False,
        max_length=300,
        label="",
        widget=UnfoldAdminTextInputWidget({"placeholder": "Reason, if the action needs one"}),
    )


class Moving:
    """Actions on states: for support and admins, one service call a row, refusals told row by row."""

    action_form = ReasonForm

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Let those move states whom the services let too."""
        return getattr(request.user, "employee_role", "") in (EmployeeRole.SUPPORT, EmployeeRole.ADMIN)

    def run(self, request: HttpRequest, queryset: QuerySet[Any], done: str, call: Callable[[Any], object]) -> None:
        """Call a service for each chosen row and say how it went."""
        count = 0
        for row in queryset.order_by("pk"):
            try:
                call(row)
                count += 1
            except DomainError as error:
                sentence = " ".join(dict.fromkeys([error.message, *error.fields.values()]))
                messages.error(request, f"{row}: {sentence}")
        if count:
            messages.success(request, f"{count} {done}.")


class ShownByLaunches:
    """Launches refer to this row: a change stands in the audit trail, and reaches the documents that copy it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; Django's change form holds the transaction."""
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        changes = {
            name: {"before": form.initial.get(name) if change else None, "after": form.cleaned_data[name]}
            for name in (form.changed_data if change else form.cleaned_data)
        }
        if changes:
            services.referred_tell(row=obj, changes=changes, is_new=not change)
