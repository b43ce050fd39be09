"""What each employee role may see and change in the admin, and how browsers are called; pure."""

from accounts.enums import EmployeeRole

_SEES = {
    EmployeeRole.SUPPORT: {"bookings", "launches", "accounts"},
    EmployeeRole.FINANCE: {"bookings", "launches", "finance"},
    EmployeeRole.IT: {"accounts", "notifications", "documents", "common", "django_q", "launches", "bookings"},
}
_CHANGES = {
    EmployeeRole.SUPPORT: {"launches.supplier"},
    EmployeeRole.FINANCE: set(),
    EmployeeRole.IT: {"accounts.user", "django_q.schedule"},
}


def role_sees(role: str, app_label: str) -> bool:
    """Whether a role sees an app's tables."""
    return role == EmployeeRole.ADMIN or app_label in _SEES.get(EmployeeRole(role), set())


def role_allows(role: str, perm: str) -> bool:
    """Whether a role has a Django permission such as "bookings.view_booking"."""
    app_label, _, action_model = perm.partition(".")
    action, _, model = action_model.partition("_")
    if role == EmployeeRole.ADMIN:
        return True
    if action == "view":
        return role_sees(role, app_label)
    return f"{app_label}.{model}" in _CHANGES.get(EmployeeRole(role), set())


# The first that a User-Agent names counts: Chrome claims to be Safari too, and Edge both.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def client_kind(user_agent: str) -> str:
    """Name a browser and its system in words of ours: "Firefox, Linux"; "API" for everything else."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or "API"
