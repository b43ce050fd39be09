"""Customer MongoDB dies: booking and trips go on from PostgreSQL; the documents are right again after its return."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from common.models import OutboxEvent, OutboxFailure, OutboxPosition
from documents import mongo
from documents.repositories import AuditTrail, Trips
from tests.factories import PASSWORD, make_booking
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


def test_without_the_logs_store_people_go_on_and_what_they_did_arrives_later_in_order(
    mongo_servers, deliver, client, settings
):
    settings.MONGODB_TIMEOUT_S = 0.3
    mongo.close()
    world = make_world()
    stranger, customer = client.__class__(), signed_in(world.customer)
    client.force_login(world.customer)
    deliver()
    before = set(event_ids())

    mongo_servers.logs.stop()
    bookings = [
        make_booking(launch=world.launch, customer=world.customer, seats=1, now=timezone.now()) for _ in range(2)
    ]
    seen = [client.get("/trips/"), client.get("/profile/"), customer.get("/api/v1/customer/trips/")]
    refused = [
        stranger.post("/accounts/sign-in/", {"username": world.customer.email, "password": PASSWORD}) for _ in range(2)
    ]
    deliver()
    resting = OutboxPosition.objects.get(consumer="audit")
    waiting = sorted(set(event_ids()) - before)

    assert [answer.status_code for answer in seen] == [200] * 3
    assert all(one.reference in seen[0].content.decode() for one in bookings)
    assert [answer.status_code for answer in refused] == [503] * 2
    assert "try again in a moment" in refused[1].content.decode()
    assert resting.retry_at is not None
    assert len(waiting) >= 4

    mongo_servers.ensure_running()
    mongo.forget_failures()
    OutboxPosition.objects.update(retry_at=None)  # its rest is over
    deliver()
    arrived = AuditTrail.latest(limit=200, until=timezone.now() + timedelta(minutes=1))
    signed = stranger.post("/accounts/sign-in/", {"username": world.customer.email, "password": PASSWORD})
    mongo.close()

    order = [entry.event_id for entry in reversed(arrived)]
    assert [event_id for event_id in order if event_id in waiting] == waiting
    assert signed.status_code == 302
    assert not OutboxFailure.objects.filter(consumer="audit").exists()


def event_ids() -> list[int]:
    return list(OutboxEvent.objects.order_by("pk").values_list("pk", flat=True))


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
