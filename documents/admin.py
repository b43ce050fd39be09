"""Staff screens: the runs of reconciliation, read-only. They are started in the employee portal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from documents.models import ReconciliationRun


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ModelAdmin):
    """What was compared, by whom, and what differed."""

    list_display = ["id", "status", "is_dry_run", "drift", "failed", "origin", "actor_email", "started_at", "ended_at"]
    list_filter = ["status", "is_dry_run", "origin"]
    search_fields = ["actor_email", "error"]
    ordering = ["-pk"]
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Runs are opened by the service alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Figures are what they were."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was found stays on record."""
        return False
