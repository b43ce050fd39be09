"""The web process: `granian --interface wsgi astrobookings.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astrobookings.settings.production")
# Web processes pool their connections; workers fork and must not (docs/adr/0004).
os.environ.setdefault("DATABASE_POOL", "true")

application = get_wsgi_application()
# What is loaded by now stays: the collector need not look at it again and again.
gc.collect()
gc.freeze()
