"""
Make an employee with the admin role.

Replaces Django's command, which looks for a password column and, finding none, would make an account without one.
"""

import getpass
import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts import services
from accounts.enums import EmployeeRole
from common.management.base import DomainCommand


class Command(DomainCommand):
    help = "Make an admin. The password comes from ADMIN_PASSWORD in the environment, or is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="The admin's e-mail; asked for when left out.")
        parser.add_argument("--full-name", default="", help="The admin's name; the part before @ when left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"] or self._ask("E-mail: ", option="--email")
        user = services.employee_create(
            actor=None,
            email=email,
            full_name=options["full_name"] or email.partition("@")[0],
            role=EmployeeRole.ADMIN,
            password=self._password(),
            now=timezone.now(),
            is_superuser=True,
        )
        self.stdout.write(f"Made the admin {user.email}.")

    def _ask(self, prompt: str, *, option: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"Nobody is here to ask. Give {option}.", returncode=2)
        return input(prompt)

    def _password(self) -> str:
        given = os.environ.get("ADMIN_PASSWORD") or os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        if given:
            return given
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to ask. Set ADMIN_PASSWORD in the environment.", returncode=2)
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ. Nothing was made.", returncode=2)
        return password
