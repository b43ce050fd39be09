"""Staff screens: the runs of reconciliation; they are started in the employee portal or by command."""

from django.contrib import admin
from django.utils.safestring import SafeString

from common.admin import ReadOnlyAdmin, shown_as_json
from documents.models import ReconciliationRun


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    """What each comparison of the stores found."""

    list_display = ("id", "status", "is_dry_run", "drift", "failed", "origin", "actor_email", "started_at", "ended_at")
    list_filter = ("status", "is_dry_run", "origin")
    search_fields = ("=id", "actor_email")
    ordering = ("-id",)
    exclude = ("counts",)
    readonly_fields = ("figures",)

    @admin.display(description="figures")
    def figures(self, run: ReconciliationRun) -> SafeString:
        """Show the figures by data set."""
        return shown_as_json(run.counts)
