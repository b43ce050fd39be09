"""Addresses for the tests of the decorators, so that they need no other package's pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse("page")


accounts = ([path("sign-in/", page, name="sign-in"), path("trip/<str:reference>/", page, name="trip")], "accounts")
urlpatterns = [path("", include(accounts))]
