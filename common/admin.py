"""What every read-only staff screen shares, and the tables of the bottom layer and of the worker."""

import json
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from common.models import IdempotencyRecord, JobRun, OutboxEvent, OutboxFailure, OutboxPosition

ESTIMATE_ABOVE = 50_000  # rows; below it PostgreSQL counts in no time


class EstimatedPaginator(Paginator):
    """Takes PostgreSQL's own estimate for large tables that are shown whole; counting them takes seconds."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, estimated where it is large and no filter narrows it."""
        rows: Any = self.object_list
        if isinstance(rows, QuerySet) and not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
                )
                estimate = int(cursor.fetchone()[0])
            if estimate > ESTIMATE_ABOVE:
                return estimate
        return super().count


class NoChanges:
    """Nothing is added, changed or deleted by hand: rows come from services and stay on record."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Services make these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services change these rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing here is deleted."""
        return False


class ReadOnlyAdmin(NoChanges, ModelAdmin):
    """A table to find things in, large or small; the role decides who sees it."""

    show_full_result_count = False
    paginator = EstimatedPaginator
    list_per_page = 50


def shown_as_json(values: Any) -> SafeString:
    """Show a JSON column in readable lines."""
    return format_html("<pre>{}</pre>", json.dumps(values, indent=2, ensure_ascii=False, default=str))


# --- the outbox and idempotency ------------------------------------------------------------
@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """Everything that happened, in order."""

    list_display = ("id", "name", "actor_email", "origin", "address", "request_id", "occurred_at")
    list_filter = ("origin",)
    search_fields = ("=id", "=name", "=request_id", "=actor_email")
    search_help_text = "Id, whole name, request id or e-mail"
    ordering = ("-id",)
    exclude = ("payload",)
    readonly_fields = ("payload_lines",)

    @admin.display(description="payload")
    def payload_lines(self, row: OutboxEvent) -> SafeString:
        """Show the payload."""
        return shown_as_json(row.payload)


@admin.register(OutboxPosition)
class OutboxPositionAdmin(ReadOnlyAdmin):
    """How far each consumer is."""

    list_display = ("consumer", "event_id", "xid", "failures_in_a_row", "retry_at", "leased_until", "updated_at")
    ordering = ("consumer",)


@admin.register(OutboxFailure)
class OutboxFailureAdmin(ReadOnlyAdmin):
    """Events that a consumer could not handle; tried again in the employee portal."""

    list_display = ("event", "consumer", "attempts", "retry_at", "parked_at", "error_line")
    list_filter = ("consumer", ("parked_at", admin.EmptyFieldListFilter))
    list_select_related = ("event",)
    search_fields = ("error", "event__name")
    ordering = ("-id",)

    @admin.display(description="error")
    def error_line(self, row: OutboxFailure) -> str:
        """Show the beginning of the error."""
        return row.error[:120]


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Requests that carried a key, without their answers: those may hold personal data."""

    list_display = ("key", "actor_id", "operation", "status", "created_at", "locked_until")
    search_fields = ("=key", "operation")
    ordering = ("-created_at", "-id")
    exclude = ("body", "request_hash")


# --- the worker ------------------------------------------------------------
@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """Every run of every job; started by hand in the employee portal."""

    list_display = ("id", "job", "status", "tick", "started_at", "ended_at", "actor_email", "error_line")
    list_filter = ("status", "job")
    search_fields = ("=job", "=request_id", "error")
    ordering = ("-id",)

    @admin.display(description="error")
    def error_line(self, row: JobRun) -> str:
        """Show the beginning of the error."""
        return row.error[:120]


for _model in (Schedule, Success, Failure, OrmQ):
    admin.site.unregister(_model)


@admin.register(Schedule)
class ScheduleUnfoldAdmin(NoChanges, ScheduleAdmin, ModelAdmin):
    """What runs when; the settings say it, and `manage.py sync_schedules` makes the rows match."""

    actions = ()


@admin.register(Success)
class SuccessAdmin(NoChanges, TaskAdmin, ModelAdmin):
    """Jobs that ended well and were kept."""

    actions = ()  # run again in the employee portal, which records who had it run


@admin.register(Failure)
class FailureAdmin(NoChanges, FailAdmin, ModelAdmin):
    """Jobs that failed."""

    actions = ()


@admin.register(OrmQ)
class OrmQAdmin(NoChanges, QueueAdmin, ModelAdmin):
    """Jobs that wait for the worker."""
