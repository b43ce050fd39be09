"""Print whom to sign in as."""

from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts import selectors
from accounts.demo import PASSWORD
from accounts.enums import UserKind
from common.management.base import DomainCommand


class Command(DomainCommand):
    help = "Print the demo's sign-ins, one a line: role, address, e-mail, password."

    def handle(self, *args: Any, **options: Any) -> None:
        people = selectors.demo_signins()
        if not people:
            self.stdout.write("There are no demo sign-ins here: run `manage.py seed_demo` with DEMO on.")
            return
        for person in people:
            try:
                address = settings.SITE_URL + reverse(person.home)
            except NoReverseMatch:  # a portal that this installation leaves out
                address = settings.SITE_URL
            self.stdout.write(f"{person.label:<18}  {address:<38}  {person.email:<32}  {PASSWORD}")
        if not settings.EMPLOYEE_SECOND_FACTOR and any(person.kind == UserKind.EMPLOYEE for person in people):
            self.stdout.write("The second factor of employees is switched off here (EMPLOYEE_SECOND_FACTOR).")
