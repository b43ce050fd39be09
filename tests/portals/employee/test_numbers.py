"""Days and numbers that nobody means are answered, not stumbled over."""

import pytest
from django.urls import reverse

from tests.api import client_of


@pytest.mark.parametrize(
    "days", [("0001-01-01", "9999-12-31"), ("0001-01-01", "0001-01-02"), ("9999-12-31", "9999-12-31")]
)
def test_a_log_of_any_days_is_shown(employee, days):
    client = employee("it")
    asked = dict(zip(("day_from", "day_to"), days, strict=True))

    page = client.get(reverse("employee:log-list"), asked)
    answer = client_of(client.user).get("/api/v1/employee/log/", asked)

    assert (page.status_code, answer.status_code) == (200, 200)


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000])
def test_numbers_of_no_row_are_none(employee, number):
    client = employee("it")

    lists = [client.get(reverse(f"employee:{name}"), {"cursor": number}) for name in ("notification-list", "inbox")]
    opened = client.post(reverse("employee:inbox"), {"message": number})
    moved = client.post(reverse("employee:notification-bulk"), {"move": "retry", "id": [number]})

    assert [answer.status_code for answer in lists] == [200, 200]
    assert (opened.status_code, moved.status_code) == (404, 303)
