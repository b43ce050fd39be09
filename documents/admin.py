"""Staff screens: runs of reconciliation and proofs of the audit trail; started in the employee portal or by command."""

from django.contrib import admin
from django.utils.safestring import SafeString

from common.admin import ReadOnlyAdmin, shown_as_json
from documents.models import AuditAnchor, AuditCheck, ReconciliationRun


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


@admin.register(AuditCheck)
class AuditCheckAdmin(ReadOnlyAdmin):
    """What each proof of the audit trail found."""

    list_display = ("id", "status", "entries", "events", "broken_at", "origin", "actor_email", "started_at", "ended_at")
    list_filter = ("status", "origin")
    search_fields = ("=id", "actor_email", "problem")
    ordering = ("-id",)


@admin.register(AuditAnchor)
class AuditAnchorAdmin(ReadOnlyAdmin):
    """The latest entry of the audit trail."""

    list_display = ("sequence", "moved_at")
    ordering = ("pk",)
