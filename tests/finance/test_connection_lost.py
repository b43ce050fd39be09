"""The connection to PostgreSQL is lost in the middle of a purchase, while the web process lives on."""

import psycopg
import pytest
from django.db import connection

from bookings.models import Booking
from finance.gateways.sandbox import SandboxGateway
from finance.models import SandboxCharge
from tests.factories import UserFactory
from tests.kills.soundness import assert_sound
from tests.kills.walks import checkout_request, launch_ahead
from tests.kills.webs import ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_asks_again_with_the_key_has_one_booking_and_one_charge(monkeypatch):
    request = checkout_request(UserFactory(), launch_ahead())
    charge = SandboxGateway.create

    def then_lose_the_connection(*args, **values):
        answer = charge(*args, **values)
        monkeypatch.setattr(SandboxGateway, "create", charge)
        pid = connection.connection.info.backend_pid
        with psycopg.connect(connection.connection.info.dsn, password="throwaway", autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return answer

    monkeypatch.setattr(SandboxGateway, "create", then_lose_the_connection)
    first = ask(request)
    connection.close()  # as the end of a request does
    second = ask(request)

    assert (first.status, second.status) == (503, 201)
    assert Booking.objects.get(customer=request.customer).status == "confirmed"
    assert SandboxCharge.objects.count() == 1
    assert_sound()
