"""Every address of the site."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.doors.signin import admin_sign_in

handler500 = "common.web.problems.server_error"


def healthz(_: HttpRequest) -> HttpResponse:
    """Say that the web process answers; asks no database."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz),
    path("accounts/", include("accounts.doors.urls")),
    path("mails/", include("notifications.doors.urls")),
    path("api/", include("astrobookings.api_urls")),
    path("supplier/", include("portals.supplier.urls")),
    path("employee/", include("portals.employee.urls")),
    path("admin/login/", admin_sign_in),
    # Passwords are changed at one door, which counts attempts and has the person told.
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:change-password")),
    path("admin/", admin.site.urls),
    path("", include("portals.customer.urls")),
]
