"""One line a request: found by its id, whoever asked and however it ended; it tells no secret."""

import logging
import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from common import logs
from common.logs import ContextFilter
from common.web import access
from documents.logs import line_of
from documents.redaction import JsonFormatter
from tests.factories import EmployeeFactory, UserFactory

pytestmark = pytest.mark.django_db


def broken(request: HttpRequest) -> None:
    raise LookupError("no such thing")


def fine(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(token)


urlpatterns = [path("broken/", broken), path("fine/<str:token>/", fine), path("", include("astrobookings.urls"))]


@pytest.fixture
def told(caplog):
    """What requests say, apart from how long they took: (level, message, request id, who)."""
    caplog.handler.addFilter(ContextFilter())
    caplog.set_level(logging.INFO)

    def lines(logger: str = access.__name__) -> list[tuple]:
        said = [one for one in caplog.records if one.name.startswith(logger)]
        return [
            (one.levelname, re.sub(r"in \d+\.\d ms", "in N ms", one.getMessage()), one.request_id, one.actor_id)
            for one in said
        ]

    return lines


def test_a_success_names_its_route_who_asked_and_the_request(told):
    person = EmployeeFactory(employee_role="it")
    client = Client()
    client.force_login(person)

    answer = client.get("/employee/jobs/expire-holds/?token=marked", headers={"X-Request-ID": "her-request-1"})

    assert answer.status_code == 200
    assert told() == [("INFO", "GET /employee/jobs/<slug:slug>/ 200 in N ms", "her-request-1", person.pk)]


def test_a_redirect_that_no_page_gave_names_its_path(told):
    Client().get("/employee?token=marked", headers={"X-Request-ID": "her-request-1"})

    assert told() == [("INFO", "GET /employee 301 Moved Permanently in N ms", "her-request-1", None)]


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/nowhere/?token=marked", ("WARNING", "GET /nowhere/ 404 Not Found in N ms")),
        (
            "/api/v1/customer/launches/999999/",
            ("WARNING", "GET /api/v1/customer/launches/999999/ 404 Not Found in N ms"),
        ),
        ("/employee/", ("WARNING", "GET /employee/ 403 Forbidden in N ms")),
    ],
    ids=["no such page", "no such launch", "not for customers"],
)
def test_a_failure_has_this_line_and_no_other_of_its_kind(told, address, line):
    client = Client()
    client.force_login(UserFactory())

    client.get(address)

    assert [said[:2] for said in told()] == [line]
    assert [message for _, message, *_ in told("django.request") if re.match(r"\w[\w ]+: /", message)] == []


@override_settings(ROOT_URLCONF="tests.common.test_access")
def test_a_fault_of_ours_keeps_its_traceback_beside_the_line(told, caplog):
    Client(raise_request_exception=False).get("/broken/", headers={"X-Request-ID": "her-request-1"})

    assert [said[:3] for said in told()] == [
        ("ERROR", "GET /broken/ 500 Internal Server Error in N ms", "her-request-1")
    ]
    (fault,) = [one for one in caplog.records if one.exc_info]
    assert (fault.request_id, fault.exc_info[0]) == ("her-request-1", LookupError)


@pytest.mark.parametrize("address", ["/healthz", "/static/shared/images/favicon.svg"])
def test_static_files_and_health_checks_have_none(told, address):
    answer = Client().get(address)
    answer.close()

    assert answer.status_code == 200
    assert told() == []


@override_settings(ROOT_URLCONF="tests.common.test_access")
def test_a_line_that_is_not_masked_holds_no_word_of_the_caller(caplog):
    caplog.set_level(logging.INFO)

    answer = Client().generic("PASSWORD=MARKED", "/fine/marked-token/?cvc=marked")

    (line,) = [one for one in caplog.records if one.name == access.__name__]
    assert (answer.status_code, hasattr(line, logs.KNOWN)) == (200, True)
    assert line.getMessage().startswith("(another method) /fine/<str:token>/ 200 in ")
    assert "marked" not in f"{line_of(line)} {JsonFormatter().format(line)}".lower()


def test_a_failure_at_a_routes_own_address_is_not_masked_and_holds_no_word_of_the_caller(caplog):
    answer = Client().generic("PASSWORD=MARKED", "/api/v1/customer/checkouts/?cvc=marked")

    (line,) = [one for one in caplog.records if one.name == access.__name__]
    assert (answer.status_code, hasattr(line, logs.KNOWN)) == (401, True)
    assert line.getMessage().startswith("(another method) /api/v1/customer/checkouts/ 401 Unauthorized in ")
    assert "marked" not in f"{line_of(line)} {JsonFormatter().format(line)}".lower()


@pytest.mark.parametrize("address", ["/api/v1/customer/launches/", "/api/nowhere/", "/nowhere/"])
def test_what_the_caller_put_into_the_address_of_a_failure_is_masked(caplog, address):
    Client().post(f"{address}password=marked/")

    (line,) = [one for one in caplog.records if one.name == access.__name__]
    assert line.levelno == logging.WARNING
    assert "marked" not in f"{line_of(line)} {JsonFormatter().format(line)}".lower()


def test_a_number_of_a_card_is_no_request_id():
    for given in ("4242424242424242", "4242-4242-4242-4242"):
        answer = Client().get("/healthz", headers={"X-Request-ID": given})
        assert len(answer.headers["X-Request-ID"]) == 20


def test_the_lines_can_be_switched_off_but_for_failures(told):
    logger = logging.getLogger(access.__name__)
    logger.setLevel(logging.WARNING)  # as LOG_REQUESTS=no does
    try:
        Client().get("/accounts/sign-in/")
        Client().get("/nowhere/")
    finally:
        logger.setLevel(logging.INFO)

    assert [message for _, message, *_ in told()] == ["GET /nowhere/ 404 Not Found in N ms"]
