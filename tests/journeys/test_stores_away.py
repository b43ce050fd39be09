"""Customer MongoDB dies: booking and trips go on from PostgreSQL; the documents are right again after its return."""

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
