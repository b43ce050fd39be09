"""Speaking with the API."""

from rest_framework.test import APIClient


def client_of(person) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client
