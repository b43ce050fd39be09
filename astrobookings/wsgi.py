"""The web process: `granian --interface wsgi astrobookings.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astrobookings.settings.production")
# Web processes pool their connections; workers fork and must not (docs/adr/0004).
os.environ.setdefault("DATABASE_POOL", "true")

application = get_wsgi_application()
