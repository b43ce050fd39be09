"""What an answer allows the browser to load."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/v1/launches/", "/api/v1/customer/trips/", "/api/v1/no-such-thing/"])
def test_answers_that_are_data_may_load_nothing(client, address):
    answer = client.get(address)

    assert "json" in answer["Content-Type"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_pages_may_load_what_is_ours(client):
    policy = client.get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
