"""What a test's logger has stored, and what waits on disk."""

import json
from datetime import timedelta

from django.utils import timezone

from documents.repositories import SystemLog


def stored(**filters) -> list[str]:
    today = timezone.now().date()
    days = {"day_from": today - timedelta(days=1), "day_to": today + timedelta(days=1)}
    found = SystemLog.search(**{**days, "logger": "bookings.services", "limit": 10_000, **filters})
    return [line.message for line in reversed(found)]


def spooled(settings) -> list[str]:
    lines = [line for path in settings.LOG_SPOOL_DIR.glob("*.jsonl") for line in path.read_text().splitlines()]
    return [json.loads(line)["message"] for line in lines]
