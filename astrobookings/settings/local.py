"""One machine: what `make run` and a bare `manage.py` use. Databases of its own under var/ unless URLs are given."""

from astrobookings.settings import env
from astrobookings.settings.base import *

SECRET_KEY = env.local_secret("SECRET_KEY")
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
DEMO = env.boolean("DEMO", default=True)
EMPLOYEE_SECOND_FACTOR = env.boolean("EMPLOYEE_SECOND_FACTOR", default=False)  # the demo's employees share a password
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
