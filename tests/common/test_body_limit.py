"""How much, and how deeply nested, anybody may send."""

import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bookings.models import Hold
from common.models import IdempotencyRecord
from tests.api import client_of
from tests.factories import LaunchFactory, UserFactory

pytestmark = pytest.mark.django_db
TOO_MUCH = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def test_a_program_that_sends_too_much_is_told_how_much_it_may():
    answer = Client().post("/api/v1/auth/token/", b" " * TOO_MUCH, content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "body_too_large"
    assert "at most 2560 KB" in answer.json()["detail"]


def test_no_page_takes_a_large_file():
    file = SimpleUploadedFile("holiday.png", b"x" * TOO_MUCH)

    answer = Client().post("/accounts/sign-in/", {"username": "a@example.org", "password": "x", "file": file})

    assert answer.status_code == 413
    assert "at most 2560 KB" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("length", ["9" * 400, str(TOO_MUCH)])
def test_the_length_that_is_announced_counts(length):
    answer = Client().post("/api/v1/auth/token/", "{}", content_type="application/json", CONTENT_LENGTH=length)

    assert answer.status_code == 413


def test_what_is_just_small_enough_is_read():
    body = json.dumps({"email": "a@example.org"})
    padded = body + " " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(body))

    answer = Client().post("/api/v1/auth/token/", padded, content_type="application/json")

    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["password"])


@pytest.mark.parametrize("depth", [900, 100_000])
def test_what_is_nested_too_deeply_is_bad_input_and_makes_nothing(depth):
    launch = LaunchFactory()
    body = f'{{"launch_id": {launch.pk}, "party": 1, "more": {"[" * depth}{"]" * depth}}}'

    answer = client_of(UserFactory()).post(
        "/api/v1/customer/holds/", body, content_type="application/json", headers={"Idempotency-Key": "deep"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert (Hold.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)
