"""Launch companies and who works for them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from common.admin import NoChanges, ReadOnlyAdmin
from launches import services
from launches.admin.mixins import Moving, ShownByLaunches
from launches.enums import SupplierStatus
from launches.models import Supplier, SupplierMember


class MemberInline(NoChanges, TabularInline):
    """Who works for a supplier."""

    model = SupplierMember
    fields = ("user", "role")
    extra = 0


class SupplierForm(forms.ModelForm):
    """A supplier's data; the model's own check is not asked, for its status is not on the form."""

    class Meta:
        model = Supplier
        fields = ("trade_name", "description", "contact_email", "legal_name", "tax_id", "legal_address")

    def clean(self) -> dict[str, Any]:
        """Keep the legal data of a supplier that sells."""
        values = super().clean() or {}
        if self.instance.status == SupplierStatus.APPROVED:
            for name in ("legal_name", "tax_id", "legal_address"):
                if name not in self.errors and not values.get(name):
                    self.add_error(name, "An approved supplier needs its legal name, tax id and legal address.")
        return values


@admin.register(Supplier)
class SupplierAdmin(ShownByLaunches, Moving, ModelAdmin):
    """Launch companies: their data can be corrected, their approval is an action."""

    form = SupplierForm
    list_display = ("trade_name", "status", "contact_email", "legal_name", "tax_id", "created_at")
    list_filter = ("status",)
    search_fields = ("trade_name", "legal_name", "contact_email", "tax_id")
    ordering = ("trade_name", "id")
    readonly_fields = ("slug", "status", "feed_id", "created_at")
    inlines = (MemberInline,)
    actions = ("approve", "suspend")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Suppliers apply; they are not typed in here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Launches and invoices name them."""
        return False

    @admin.action(description="Approve: may sell", permissions=["move"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> None:
        """Let the chosen suppliers sell."""
        actor: Any = request.user
        self.run(request, queryset, "approved", lambda row: services.supplier_approve(actor=actor, supplier_id=row.pk))

    @admin.action(description="Suspend: may not sell (reason)", permissions=["move"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> None:
        """Stop the sales of the chosen suppliers."""
        actor: Any = request.user
        reason = request.POST.get("reason", "")
        self.run(
            request,
            queryset,
            "suspended",
            lambda row: services.supplier_suspend(actor=actor, supplier_id=row.pk, reason=reason),
        )


@admin.register(SupplierMember)
class SupplierMemberAdmin(ReadOnlyAdmin):
    """Who works for whom."""

    list_display = ("user", "supplier", "role")
    list_filter = ("role",)
    list_select_related = ("user", "supplier")
    search_fields = ("user__email", "supplier__trade_name")
    ordering = ("supplier__trade_name", "id")
