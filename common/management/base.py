"""The base of our commands: context, one translator for failures, exit codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from common import context
from common.context import Origin
from common.errors import DomainError


class DomainCommand(BaseCommand):
    """
    A command that calls services.

    An expected failure ends it with one sentence on stderr and exit code 2 (1 is left to what a command reports).
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run under a command's context and translate failures."""
        with context.scope(origin=Origin.COMMAND, request_id=context.new_request_id()):
            try:
                return super().execute(*args, **options)
            except DomainError as error:
                lines = [error.message, *(f"  {field}: {sentence}" for field, sentence in error.fields.items())]
                raise CommandError("\n".join(lines), returncode=2) from error
            except (OperationalError, InterfaceError) as error:
                raise CommandError(
                    "PostgreSQL does not answer. Start it with `make run`, or set DATABASE_URL to a running server. "
                    f"({str(error).strip().splitlines()[0] if str(error).strip() else 'no answer'})",
                    returncode=2,
                ) from error
