"""Customer MongoDB dies: booking and trips go on from PostgreSQL; the documents are right again after its return."""

from django.db import connection
from django.utils import timezone

from common.models import OutboxFailure, OutboxPosition
from documents.repositories import Trips
from tests.factories import make_booking
from tests.journeys.world import drift, make_world, signed_in


def test_documents_are_written_again_after_mongodb_was_away(mongo_servers, deliver, client):
    world = make_world()
    customer = signed_in(world.customer)
    deliver()

    mongo_servers.customer.kill()
    booking = make_booking(launch=world.launch, customer=world.customer, seats=2, now=timezone.now())
    client.force_login(world.customer)
    page = client.get(f"/trips/{booking.reference}/")
    answer = customer.get(f"/api/v1/customer/bookings/{booking.reference}/")
    deliver()
    position = OutboxPosition.objects.get(consumer="documents")

    assert (booking.status, page.status_code, answer.status_code) == ("confirmed", 200, 200)
    assert booking.reference in page.content.decode()
    assert position.retry_at is not None
    assert not OutboxFailure.objects.filter(consumer="documents").exists()

    mongo_servers.ensure_running()
    OutboxPosition.objects.update(retry_at=None)  # its rest is over
    deliver()

    assert Trips.get(booking.pk).reference == booking.reference
    assert drift() == 0


def test_sign_in_says_so_when_the_logs_store_is_away_and_signed_in_people_go_on(mongo_servers, client):
    world = make_world()
    client.force_login(world.customer)

    mongo_servers.logs.kill()
    going_on = client.get("/launches/")
    refused = client.__class__().post(
        "/api/v1/auth/token/",
        {"email": world.customer.email, "password": "a-long-enough-password"},
        content_type="application/json",
    )
    mongo_servers.ensure_running()

    assert going_on.status_code == 200
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (
        503,
        refused.json()["code"],
        "3",
    )
    assert refused.json()["detail"][0].isupper()


def test_everybody_gets_a_plain_503_while_postgresql_is_away(postgres_server, client):
    world = make_world()
    client.force_login(world.customer)
    api = signed_in(world.customer)

    postgres_server.stop()
    try:
        page = client.get("/trips/")
        visitor = client.__class__().get("/launches/")
        by_token = api.get("/api/v1/customer/bookings/")
        by_session = client.get("/api/v1/customer/bookings/")
    finally:
        postgres_server.start()
        connection.close()
    back = client.get("/trips/")

    assert [answer.status_code for answer in (page, visitor, by_token, by_session)] == [503] * 4
    assert {answer.headers["Retry-After"] for answer in (page, visitor, by_token, by_session)} == {"3"}
    assert by_session.headers["Content-Type"] == "application/problem+json"
    assert back.status_code == 200
