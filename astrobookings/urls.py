"""Every address of the site."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path

from common.web import problems

handler500 = "common.web.problems.server_error"


def healthz(_: HttpRequest) -> HttpResponse:
    """Say that the web process answers; asks no database."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz),
    path("admin/", admin.site.urls),
]
