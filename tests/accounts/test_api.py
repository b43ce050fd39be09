"""API tokens: short access, rotating refresh, and the same guards as the pages."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts import errors, selectors, services
from accounts.api.permissions import IsCustomer, IsEmployee, IsSupplierMember
from accounts.models import User
from common import context
from documents.repositories import RefreshTokens
from tests.accounts.conftest import NEW_PASSWORD, NOBODY, NOW, PASSWORD

real_urls = import_module(settings.ROOT_URLCONF)
TOKEN, REFRESH, REVOKE = "/api/v1/auth/token/", "/api/v1/auth/token/refresh/", "/api/v1/auth/token/revoke/"


class Who(APIView):
    @extend_schema(responses=None)
    def get(self, request):
        return Response({"user": request.user.email, "actor": context.current().actor_id})

    @extend_schema(request=None, responses=None)
    def post(self, request):
        return Response({"user": request.user.email})


urlpatterns = [
    path("api/who/", Who.as_view()),
    path("api/customers/", Who.as_view(permission_classes=[IsCustomer])),
    path("api/suppliers/", Who.as_view(permission_classes=[IsSupplierMember])),
    path("api/employees/", Who.as_view(permission_classes=[IsEmployee])),
    path("api/finance/", Who.as_view(permission_classes=[IsEmployee.of("finance")])),
    *real_urls.urlpatterns,  # last: below /api/ they answer whatever is not theirs
]
handler500 = real_urls.handler500

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def api() -> APIClient:
    return APIClient(enforce_csrf_checks=True)


def tokens(api, email="vera@example.org", password=PASSWORD):
    answer = api.post(TOKEN, {"email": email, "password": password})
    assert answer.status_code == 200, answer.content
    return answer.json()


def bearer(api, token):
    return api.get("/api/who/", HTTP_AUTHORIZATION=f"Bearer {token}")


def test_a_token_opens_the_api(api, customer):
    pair = tokens(api, email="Vera@Example.org")

    assert (pair["expires_in"], pair["token_type"]) == (600, "Bearer")
    assert bearer(api, pair["access"]).json() == {"user": customer.email, "actor": customer.pk}
    customer.refresh_from_db()
    assert customer.last_login is not None


def test_without_a_token_it_stays_shut(api, customer):
    answer = api.get("/api/who/")

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJ1IjoxfQ:AAAA", "\xff\xfe", "x" * 5000])
def test_made_up_tokens_are_refused(api, customer, token):
    answer = bearer(api, token)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_an_access_token_dies_after_ten_minutes(customer):
    access = services.token_pair_issue(user=customer, now=NOW).access

    assert selectors.user_by_access_token(token=access, now=NOW + timedelta(minutes=9, seconds=59)) == customer
    with pytest.raises(errors.TokenInvalid):
        selectors.user_by_access_token(token=access, now=NOW + timedelta(minutes=10))


def test_a_confirmation_link_is_no_access_token(api, customer):
    assert bearer(api, selectors.email_confirmation_link_path(customer.pk).split("/")[-2]).status_code == 401


def test_tokens_die_with_the_password_and_the_account(api, customer):
    pair = tokens(api)
    services.password_change(user=customer, old_password=PASSWORD, password=NEW_PASSWORD)

    assert bearer(api, pair["access"]).status_code == 401
    assert api.post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401

    pair = tokens(api, password=NEW_PASSWORD)
    User.objects.update(is_active=False)
    assert bearer(api, pair["access"]).status_code == 401
    assert api.post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401


def test_refresh_gives_the_next_pair(api, customer):
    first = tokens(api)

    second = api.post(REFRESH, {"refresh": first["refresh"]}).json()
    third = api.post(REFRESH, {"refresh": second["refresh"]}).json()

    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert bearer(api, third["access"]).status_code == 200


def test_a_second_use_ends_the_whole_family_and_no_other(api, customer):
    first, other = tokens(api), tokens(api)
    second = api.post(REFRESH, {"refresh": first["refresh"]}).json()

    again = api.post(REFRESH, {"refresh": first["refresh"]})

    assert (again.status_code, again.json()["code"]) == (401, "token_invalid")
    assert api.post(REFRESH, {"refresh": second["refresh"]}).status_code == 401
    assert api.post(REFRESH, {"refresh": other["refresh"]}).status_code == 200


def test_a_refresh_token_dies_after_two_weeks(customer):
    pair = services.token_pair_issue(user=customer, now=NOW)

    with pytest.raises(errors.TokenInvalid):
        services.token_refresh(refresh=pair.refresh, now=NOW + timedelta(days=14))


def test_revoking_ends_the_family(api, customer):
    first = tokens(api)
    second = api.post(REFRESH, {"refresh": first["refresh"]}).json()

    assert api.post(REVOKE, {"refresh": second["refresh"]}).status_code == 204
    assert api.post(REFRESH, {"refresh": second["refresh"]}).status_code == 401
    assert api.post(REVOKE, {"refresh": "made-up"}).status_code == 204


def test_refresh_tokens_are_kept_as_hashes(api, customer):
    pair = tokens(api)

    assert RefreshTokens.get(pair["refresh"]) is None
    assert RefreshTokens.count() == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": "no", "password": "x"}, {"email"}),
        ({"email": ["a"], "password": {}}, {"email", "password"}),
        ({"email": "a@example.org", "password": "a\x00b"}, {"password"}),
        ({"email": "a@example.org", "password": "x" * 1001}, {"password"}),
        ([], {"body"}),
    ],
)
def test_bad_bodies_name_the_field(api, body, fields):
    answer = api.post(TOKEN, body)

    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == fields


def test_wrong_and_unknown_answer_alike(api, customer):
    wrong = api.post(TOKEN, {"email": customer.email, "password": "wrong"})
    unknown = api.post(TOKEN, {"email": "nina@example.org", "password": "wrong"})

    def told(answer):
        return {name: value for name, value in answer.json().items() if name != "request_id"}

    assert wrong.status_code == 401
    assert told(wrong) == told(unknown)
    assert wrong.json()["code"] == "credentials_wrong"


def test_unconfirmed_is_told(api, customer):
    User.objects.update(email_confirmed_at=None)

    answer = api.post(TOKEN, {"email": customer.email, "password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (403, "email_unconfirmed")


def test_guessing_locks_out(api, customer, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = api.post(TOKEN, {"email": customer.email, "password": "wrong"})
    locked = api.post(TOKEN, {"email": customer.email, "password": PASSWORD})

    for each in (answer, locked):
        assert (each.status_code, each.json()["code"]) == (429, "too_many_attempts")
        assert each["Content-Type"] == "application/problem+json"
        assert "access" not in each.json()


def test_the_rate_is_limited_whatever_the_forwarded_address_says(api, customer):
    answers = [api.post(REVOKE, {"refresh": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(21)]

    assert answers == [204] * 20 + [429]


def test_503_while_logs_mongodb_is_away(api, customer, logs_away):
    answers = [
        api.post(TOKEN, {"email": customer.email, "password": PASSWORD}),
        api.post(REFRESH, {"refresh": "x"}),
        api.post(REVOKE, {"refresh": "x"}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "document_store_unavailable")
        assert answer["Retry-After"] == "3"


def test_attempts_that_were_told_to_come_again_count_neither_as_attempts_nor_as_guesses(api, customer, settings):
    known, settings.MONGODB_TIMEOUT_S = settings.LOGS_MONGODB_URL, 0.2
    person, stale = {"email": customer.email, "password": PASSWORD}, {"refresh": "x"}
    counted = [api.post(REVOKE, stale).status_code for _ in range(18)]

    settings.LOGS_MONGODB_URL = NOBODY
    during = [api.post(*call).status_code for _ in range(8) for call in ((TOKEN, person), (REFRESH, stale))]
    settings.LOGS_MONGODB_URL = known
    back = [api.post(TOKEN, person).status_code for _ in range(3)]

    assert counted == [204] * 18
    assert during == [503] * 16
    assert back == [200, 200, 429]


def test_a_portal_session_reads_and_writes_only_with_its_csrf_token(customer):
    api = APIClient(enforce_csrf_checks=True)
    page = api.get("/accounts/sign-in/")
    csrf = page.cookies["csrftoken"].value
    api.post(
        "/accounts/sign-in/",
        {"username": customer.email, "password": PASSWORD, "csrfmiddlewaretoken": csrf},
        format="multipart",
    )

    assert api.get("/api/who/").json()["user"] == customer.email
    assert api.post("/api/who/", {}).status_code == 403
    csrf = api.cookies["csrftoken"].value
    assert api.post("/api/who/", {}, HTTP_X_CSRFTOKEN=csrf).status_code == 200


def test_roles_open_their_doors_only(customer, supplier, make_employee):
    people = {
        "visitor": None,
        "customer": customer,
        "supplier": supplier,
        "support": make_employee("support"),
        "finance": make_employee("finance"),
        "admin": make_employee("admin"),
    }
    doors = ["customers", "suppliers", "employees", "finance"]

    seen = {}
    for name, person in people.items():
        api = APIClient()
        headers = {}
        if person:
            pair = services.token_pair_issue(user=person, now=timezone.now())
            headers["HTTP_AUTHORIZATION"] = f"Bearer {pair.access}"
        seen[name] = [api.get(f"/api/{door}/", **headers).status_code for door in doors]

    assert seen == {
        "visitor": [401, 401, 401, 401],
        "customer": [200, 403, 403, 403],
        "supplier": [403, 200, 403, 403],
        "support": [403, 403, 200, 403],
        "finance": [403, 403, 200, 200],
        "admin": [403, 403, 200, 200],
    }


def test_the_schema_tells_of_the_tokens():
    schema = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)

    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert {"bearer": []} in schema["paths"]["/api/who/"]["get"]["security"]
    assert {TOKEN, REFRESH, REVOKE} <= set(schema["paths"])
    assert schema["paths"][TOKEN]["post"].get("security", [{}]) == [{}]
