"""How Django's admin looks."""

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Astro Bookings admin",
    "SITE_HEADER": "Astro Bookings",
    "SITE_URL": "/employee/",
    "SITE_SYMBOL": "rocket_launch",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("shared/images/favicon.svg")},
    ],
    # The accent of the portals, from light to dark.
    "COLORS": {
        "primary": {
            "50": "#fff4ed",
            "100": "#ffe6d5",
            "200": "#ffc9aa",
            "300": "#ffa374",
            "400": "#ff8a55",
            "500": "#ff6b2c",
            "600": "#c2410c",
            "700": "#a23409",
            "800": "#822b0b",
            "900": "#6a250d",
            "950": "#391004",
        }
    },
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "astrobookings.admin_sidebar.environment",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "astrobookings.admin_sidebar.navigation",
    },
}
