"""The worker, its schedules, and what it cleans away."""

from typing import Any

from astrobookings.settings import env

Q_CLUSTER = {
    "name": "astrobookings",
    "orm": "default",
    "workers": env.integer("WORKERS", 2, at_least=1),
    "poll": 0.2,  # seconds
    "timeout": 300,  # seconds
    "retry": 360,  # seconds; must exceed timeout, or a slow task runs twice
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 500,
    "bulk": 1,
    "label": "Jobs",
}
CLOCK_READ_EVERY_S = 10.0  # how often a process asks the database for the time
EVENTS_KEPT_DAYS = env.integer("EVENTS_KEPT_DAYS", 30, at_least=1)  # once every consumer has had them
OUTBOX_WAKE_EVERY_S = 0.5  # a process wakes the worker no more often than that
RECONCILE_FULL_HOUR = env.integer("RECONCILE_FULL_HOUR", 3) % 24  # UTC; the hourly run after it compares everything
JOB_FAILURES_TOLD = env.integer("JOB_FAILURES_TOLD", 3, at_least=1)  # so many in a row, and IT gets a mail
JOB_RUNS_KEPT_DAYS = env.integer("JOB_RUNS_KEPT_DAYS", 14, at_least=1)
JOB_LIMIT_S = 290  # how long a job may take that names no limit of its own ("limit_s")
# Name -> what runs and how often; `manage.py sync_schedules` makes the rows match.
SCHEDULES: dict[str, dict[str, Any]] = {
    "deliver events": {"func": "common.tasks.outbox_sweep", "minutes": 1},
    "expire holds": {"func": "bookings.tasks.holds_expire", "minutes": 1},
    "warn of lapsing holds": {"func": "bookings.tasks.holds_warn", "minutes": 1},
    "serve waiting lists": {"func": "bookings.tasks.waiting_lists_serve", "minutes": 1},
    "tend slips": {"func": "bookings.tasks.slips_tend", "minutes": 10},
    "check viability": {"func": "bookings.tasks.viability_check", "minutes": 60},
    "send due notifications": {"func": "notifications.tasks.send_due", "minutes": 1},
    "send due webhooks": {"func": "notifications.webhooks.tasks.send_due", "minutes": 1},
    "keep house of webhooks": {"func": "notifications.webhooks.tasks.keep_house", "minutes": 24 * 60},
    "ask about open payments": {"func": "finance.tasks.payments_settle", "minutes": 1},
    "settle launches": {"func": "finance.tasks.launches_settle", "minutes": 5},
    "sum up the day": {"func": "finance.tasks.days_sum_up", "minutes": 60},
    "chase invoices": {"func": "finance.tasks.invoices_chase", "minutes": 24 * 60},
    "pay suppliers": {"func": "finance.tasks.payouts_send", "minutes": 24 * 60},
    "reconcile": {"func": "documents.tasks.reconcile_scheduled", "minutes": 60},
    "reconcile money": {"func": "finance.tasks.money_reconcile", "minutes": 24 * 60, "limit_s": 3600},
    "remove old events": {"func": "common.tasks.events_remove", "minutes": 24 * 60},
    "forget old log lines": {"func": "documents.tasks.logs_forget", "minutes": 24 * 60},
    "check the audit trail": {"func": "documents.tasks.audit_check_scheduled", "minutes": 24 * 60},
    "clean up": {"func": "common.tasks.clean_up", "minutes": 24 * 60},
}
