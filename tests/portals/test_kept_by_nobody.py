"""Pages and data of one person are kept neither by the browser nor on the way."""

import pytest
from django.urls import reverse

from portals.employee import urls as employee_urls
from portals.supplier import urls as supplier_urls
from tests.portals.desks import *  # noqa: F403 - fixtures
from tests.portals.desks import _ensured_stores, _stores  # noqa: F401 - fixtures


def pages(urls) -> list[str]:
    """Return the addresses of a portal that need no argument."""
    return [reverse(f"{urls.app_name}:{one.name}") for one in urls.urlpatterns if "<" not in str(one.pattern)]


@pytest.mark.parametrize("path", pages(employee_urls))
def test_pages_of_employees(employee, path):
    answer = employee("admin").get(path)

    assert answer.status_code in (200, 405)  # some take forms only
    assert answer.status_code == 405 or "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", pages(supplier_urls))
def test_pages_of_suppliers(member, path):
    answer = member("owner").get(path)

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)


@pytest.mark.parametrize("path", ["customer/trips/", "customer/profile/", "customer/inbox/"])
def test_data_of_customers(visitor, path):
    answer = visitor("customer").get(f"/api/v1/{path}")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")


def test_there_are_pages_to_look_at():
    assert len(pages(employee_urls)) > 20
