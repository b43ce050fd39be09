"""What the tests use: real PostgreSQL and MongoDB-wire servers from tests/servers.py, fast hashes, mails in memory."""

import tempfile
from pathlib import Path

from astrobookings.settings.base import *

SECRET_KEY = "only-for-tests"  # noqa: S105 - guards nothing outside a test run
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMPLOYEE_SECOND_FACTOR = False  # tests of it switch it on
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SITE_URL = "http://testserver"
_scratch = Path(tempfile.mkdtemp(prefix="astro-test-"))
MAIL_DIR = _scratch / "mail"
LOG_SPOOL_DIR = _scratch / "spool"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

LOGGING["loggers"]["common.web.access"]["level"] = "INFO"  # as LOG_REQUESTS=yes does
OUTBOX_WAKE_EVERY_S = 0.0  # at once: a late timer would outlive its test
# A test that commits is cleaned up by emptying every table. The ledger refuses that (docs/ledger.md) but to connections
# that say this, and only in a database whose name begins with "test_".
DATABASES["default"]["OPTIONS"]["options"] += " -c astrobookings.ledger_may_be_emptied=yes"
DATABASES["default"]["OPTIONS"]["connect_timeout"] = 30  # a server that is slow on a busy machine is not away
CLOCK_READ_EVERY_S = 0.0  # the own clock: a question now and then would make counts of queries vary
REMEMBER_USERS = False  # its thread would hold the databases that tests drop; tests/accounts/test_remembered.py has it
