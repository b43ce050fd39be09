"""The web process: `granian --interface wsgi astrobookings.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astrobookings.settings.production")

application = get_wsgi_application()
