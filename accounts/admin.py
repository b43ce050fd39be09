"""Accounts in the admin: found, made for employees, closed and opened; passwords never pass through here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import access, services
from accounts.enums import EmployeeRole, UserKind
from accounts.models import SignInPlace, User
from common.admin import ReadOnlyAdmin
from common.errors import DomainError

assert auth_admin  # noqa: S101 - imported so that it has registered what we take away
admin.site.unregister(Group)  # roles decide here, see accounts.policies


class EmployeeForm(forms.ModelForm):
    """A new employee; the link to choose a password goes by mail."""

    email = forms.EmailField(max_length=254, widget=UnfoldAdminEmailInputWidget())
    full_name = forms.CharField(max_length=120, widget=UnfoldAdminTextInputWidget())
    employee_role = forms.ChoiceField(choices=EmployeeRole.choices, widget=UnfoldAdminSelectWidget())

    class Meta:
        model = User
        fields = ("email", "full_name", "employee_role")

    def clean_email(self) -> str:
        """Refuse the e-mail of another account, in any case."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("There is an account with this e-mail already.")
        return email


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Users of every kind."""

    list_display = ("email", "full_name", "kind", "employee_role", "is_active", "email_confirmed_at", "last_login")
    list_filter = ("kind", "employee_role", "is_active", "created_at")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    show_full_result_count = False
    actions = ("send_password_reset",)
    fieldsets = (
        (None, {"fields": ("email", "full_name", "kind", "employee_role", "is_active")}),
        ("Times", {"fields": ("created_at", "email_confirmed_at", "last_login")}),
        ("Where", {"fields": ("language", "time_zone")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "employee_role")}),)
    readonly_fields = ("email", "kind", "created_at", "email_confirmed_at", "last_login", "language", "time_zone")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask little for a new employee."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Let admins alone change roles."""
        if obj is None:
            return ()
        may_give_role = access.may_manage_employees(_actor(request)) and obj.kind == UserKind.EMPLOYEE
        return self.readonly_fields if may_give_role else (*self.readonly_fields, "employee_role")

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Use the form of new employees for adding."""
        if obj is None:
            kwargs["form"] = EmployeeForm
        return super().get_form(request, obj, change=change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only admins make employees; customers register, suppliers apply."""
        return access.may_manage_employees(_actor(request))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only admins change employees."""
        if obj is not None and obj.kind == UserKind.EMPLOYEE and not access.may_manage_employees(_actor(request)):
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, never deleted: bookings and invoices name them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Call the services; a refusal becomes a message."""
        if not change:
            made = services.employee_create(
                actor=_actor(request),
                email=obj.email,
                full_name=obj.full_name,
                role=obj.employee_role,
                password=None,
                now=timezone.now(),
            )
            obj.pk = made.pk
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            services.user_change(actor=_actor(request), user_id=obj.pk, changes=changes)
        except DomainError as error:
            self.message_user(request, " ".join([error.message, *error.fields.values()]), messages.ERROR)

    @admin.action(description="Send a link that sets a new password", permissions=["change"])
    def send_password_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have the links sent to the chosen accounts that are active."""
        chosen = list(queryset.filter(is_active=True).order_by("pk"))
        for user in chosen:
            services.password_reset_send(user_id=user.pk)
        self.message_user(request, f"{len(chosen)} link(s) are on their way.", messages.SUCCESS)


@admin.register(SignInPlace)
class SignInPlaceAdmin(ReadOnlyAdmin):
    """How many places a user signs in from, and since when; which they are, nobody can read."""

    list_display = ("user", "latest_at")
    list_select_related = ("user",)
    search_fields = ("=user__email",)
    ordering = ("-latest_at", "-pk")
    exclude = ("mark",)


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin lets nobody else in; for the type checker
    return request.user
