"""The admin's navigation: one group an app, each table for those whose role sees it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

GROUPS: tuple[tuple[str, str, str], ...] = (
    ("bookings", "Bookings", "confirmation_number"),
    ("launches", "Launches", "rocket_launch"),
    ("finance", "Finance", "payments"),
    ("accounts", "People", "group"),
    ("notifications", "Messages", "mail"),
    ("documents", "Documents", "database"),
    ("common", "Events", "sync"),
    ("django_q", "Jobs", "schedule"),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups for unfold's sidebar."""
    models: dict[str, list[Any]] = {app: [] for app, _, _ in GROUPS}
    for model in admin.site._registry:
        if model._meta.app_label in models:
            models[model._meta.app_label].append(model)
    portal = {"title": "Employee portal", "icon": "arrow_back", "link": reverse("employee:home")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [portal]}]
    for app, title, icon in GROUPS:
        if request.user.has_module_perms(app):
            items = [_entry(model, icon) for model in models[app]]
            groups.append({"title": title, "collapsible": True, "separator": True, "items": items})
    return groups


def _entry(model: Any, icon: str) -> dict[str, Any]:
    meta = model._meta
    return {
        "title": str(meta.verbose_name_plural).capitalize(),
        "icon": icon,
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
        "permission": _sees(meta.app_label, meta.model_name),
    }


def _sees(app_label: str, model_name: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app_label}.view_{model_name}")


def environment(_: HttpRequest) -> list[str] | None:
    """Return the label beside the title: that this is the demo, if it is."""
    return ["Demo", "warning"] if settings.DEMO else None
