from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from common.errors import Busy, DomainError, Forbidden, InvalidInput, Kind, NotFound
from portals.shared import doors
from portals.shared.htmx import render_page

pytestmark = pytest.mark.urls("tests.portals.shared.urls")


class Taken(DomainError):
    kind = Kind.CONFLICT
    sentence = "Seat C2 has just been taken."


class Memory(BaseStorage):
    """Keeps messages for one request."""

    def _get(self, *_, **__):
        return [], True

    def _store(self, messages, *_, **__):
        return []


def person(kind: str, role: str = "") -> SimpleNamespace:
    return SimpleNamespace(kind=kind, employee_role=role, is_authenticated=True, get_short_name="A")


PEOPLE = {
    "anonymous": AnonymousUser(),
    "customer": person("customer"),
    "supplier": person("supplier"),
    "support": person("employee", "support"),
    "finance": person("employee", "finance"),
    "it": person("employee", "it"),
    "admin": person("employee", "admin"),
}
DOORS = {
    "customer": doors.customer_required,
    "supplier": doors.supplier_required,
    "any employee": doors.employee_required(),
    "finance or it": doors.employee_required("finance", "it"),
}
OPEN_TO = {
    "customer": {"customer"},
    "supplier": {"supplier"},
    "any employee": {"support", "finance", "it", "admin"},
    "finance or it": {"finance", "it", "admin"},
}


def make(method: str = "get", *, user: str = "customer", htmx: bool = False, **headers: str) -> HttpRequest:
    if htmx:
        headers["HX-Request"] = "true"
    request = getattr(RequestFactory(), method)("/trips/?page=2", headers=headers)
    request.user = PEOPLE[user]
    request.htmx = HtmxDetails(request)
    request._messages = Memory(request)
    return request


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", PEOPLE)
def test_doors_open_to_the_right_people_only(door: str, who: str) -> None:
    response = DOORS[door](view)(make(user=who))

    if who == "anonymous":
        assert (response.status_code, response["Location"]) == (
            302,
            f"{reverse('accounts:sign-in')}?next=/trips/%3Fpage%3D2",
        )
    elif who in OPEN_TO[door]:
        assert (response.status_code, response.content) == (200, b"inside")
    else:
        assert response.status_code == 403
        assert b"inside" not in response.content
        assert b"This page is not open to you" in response.content


def test_stranger_behind_htmx_is_sent_to_sign_in_with_the_page_as_next() -> None:
    request = make("post", user="anonymous", htmx=True, **{"HX-Current-URL": "http://testserver/launches/x/?seat=1"})

    response = doors.customer_required(view)(request)

    assert response["HX-Redirect"] == f"{reverse('accounts:sign-in')}?next=/launches/x/%3Fseat%3D1"


def test_stranger_posting_from_another_site_gets_no_foreign_next() -> None:
    request = make("post", user="anonymous", Referer="https://elsewhere.example/trap")

    response = doors.customer_required(view)(request)

    assert response["Location"] == f"{reverse('accounts:sign-in')}?next=/"


def refuse(error: DomainError):
    @doors.translate_domain_errors()
    def refusing(request: HttpRequest) -> HttpResponse:
        raise error

    return refusing


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound(), 404), (Forbidden(), 403), (Busy(), 503), (Taken(), 409)],
    ids=lambda value: str(value),
)
def test_page_that_cannot_be_shown_becomes_its_problem_page(error: DomainError, status: int) -> None:
    response = refuse(error)(make())

    assert response.status_code == status
    assert error.message in response.content.decode()


def test_refused_change_becomes_a_message_on_the_page_it_came_from() -> None:
    request = make("post", Referer="http://testserver/launches/new-shepard/?view=list")

    response = refuse(Taken())(request)

    assert (response.status_code, response["Location"]) == (303, "/launches/new-shepard/?view=list")
    assert [(message.level_tag, message.message) for message in request._messages] == [
        ("error", "Seat C2 has just been taken.")
    ]


def test_refused_change_never_redirects_to_another_site() -> None:
    response = refuse(Taken())(make("post", Referer="https://elsewhere.example/trap"))

    assert response["Location"] == "/"


def test_refused_change_tells_the_sentences_of_its_fields() -> None:
    request = make("post")

    refuse(InvalidInput(fields={"phone": "Write the phone number with its country code."}))(request)

    assert [message.message for message in request._messages] == [
        "Some answers need another look.",
        "Write the phone number with its country code.",
    ]


def test_refused_change_by_htmx_goes_into_the_messages() -> None:
    response = refuse(Taken())(make("post", htmx=True))

    assert response.status_code == 409
    assert response["HX-Retarget"] == "#messages"
    assert "Seat C2 has just been taken." in response.content.decode()
    assert "<html" not in response.content.decode()


def test_back_to_names_the_page_to_return_to() -> None:
    @doors.translate_domain_errors(back_to="accounts:trip")
    def refusing(request: HttpRequest, reference: str) -> HttpResponse:
        raise Taken

    response = refusing(make("post", Referer="http://testserver/elsewhere/"), reference="K7QX2M")

    assert response["Location"] == "/trip/K7QX2M/"


@pytest.mark.parametrize(
    ("htmx", "template"), [(False, "shared/problem.html"), (True, "shared/problem.html#rows")], ids=["browser", "htmx"]
)
def test_render_page_answers_the_page_or_its_fragment(htmx: bool, template: str) -> None:
    response = render_page(make(htmx=htmx), "shared/problem.html", {}, fragment="rows", status=422)

    assert (response.template_name, response.status_code) == (template, 422)
    assert response["Vary"] == "HX-Request"


def test_boosted_link_gets_the_whole_page() -> None:
    response = render_page(make(htmx=True, **{"HX-Boosted": "true"}), "shared/problem.html", {}, fragment="rows")

    assert response.template_name == "shared/problem.html"
