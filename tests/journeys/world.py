"""The people, launches and looks around that the journeys share."""

import email
import email.policy
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services as account_services
from accounts.models import User
from launches.models import Launch
from tests.factories import PASSWORD, EmployeeFactory, LaunchFactory, MemberFactory, RocketFactory


@dataclass
class World:
    """A launch with six free seats next year, and one of each who has to do with it."""

    launch: Launch
    customer: User
    desk: User
    employee: User


def make_world() -> World:
    """Everybody can sign in with PASSWORD."""
    member = MemberFactory(user__password=PASSWORD)
    rocket = RocketFactory(supplier=member.supplier, name="New Shepard")
    launch = LaunchFactory(rocket=rocket, departure_at=timezone.now() + timedelta(days=500))
    customer = account_services.customer_create(
        email="ana@example.com", full_name="Ana Traveller", password=PASSWORD, now=timezone.now()
    )
    return World(launch, customer, member.user, EmployeeFactory(password=PASSWORD))


def signed_in(user: User) -> APIClient:
    """An API client with an access token."""
    client = APIClient()
    answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": PASSWORD}, format="json")
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


def mails_about(folder: Path, words: str) -> list[EmailMessage]:
    """All mails in the folder that say the words."""
    read = [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in sorted(folder.glob("*.eml"))]
    return [mail for mail in read if words in mail["Subject"] + mail.get_body(("plain",)).get_content()]


def drift() -> int:
    """The exit code of `manage.py reconcile`."""
    try:
        call_command("reconcile", "--json", verbosity=0)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
