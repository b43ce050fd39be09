"""Every log line of a request carries its id, also those that Django writes after the last middleware."""

import logging

import pytest
from django.test import Client

from common import context
from common.logs import ContextFilter


@pytest.mark.django_db
def test_the_line_about_a_page_that_is_not_there_names_the_request(caplog):
    caplog.handler.addFilter(ContextFilter())

    with caplog.at_level(logging.WARNING, "django.request"):
        answer = Client().get("/nothing/", headers={"X-Request-ID": "abcdef-123456"})

    line = next(record for record in caplog.records if "/nothing/" in record.getMessage())
    assert answer.headers["X-Request-ID"] == "abcdef-123456"
    assert (line.request_id, line.origin) == ("abcdef-123456", "portal")
    assert context.current().request_id == ""


@pytest.mark.django_db
def test_a_malformed_request_id_is_replaced():
    answer = Client().get("/healthz", headers={"X-Request-ID": "<script>"})

    assert len(answer.headers["X-Request-ID"]) == 20
