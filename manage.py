#!/usr/bin/env python
"""Run a management command of Astro Bookings; `manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astrobookings.settings.local")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - after the settings are named
    except ImportError:
        sys.exit("Django is not installed in this Python. Run `make install`, then .venv/bin/python manage.py ...")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
