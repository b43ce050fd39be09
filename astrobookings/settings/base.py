"""Settings that hold everywhere, each subject in a file of its own; local, test and production say what differs."""

from typing import Any

from astrobookings.settings import env
from astrobookings.settings.admin import *
from astrobookings.settings.api import *
from astrobookings.settings.browser import *
from astrobookings.settings.business import *
from astrobookings.settings.jobs import *
from astrobookings.settings.logs import *
from astrobookings.settings.messages import *
from astrobookings.settings.people import *
from astrobookings.settings.stores import *

BASE_DIR = env.BASE_DIR
VAR_DIR = env.VAR_DIR

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "astrobookings.urls"
WSGI_APPLICATION = "astrobookings.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "accounts",  # before auth, whose createsuperuser it replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "astrobookings",  # before django_q, whose qcluster it replaces
    "django_q",
    "axes",
    "csp",
    "common",
    "documents",
    "launches",
    "bookings",
    "finance",
    "notifications",
    "portals.shared",
    "portals.customer",
    "portals.supplier",
    "portals.employee",
]

MIDDLEWARE = [
    "common.web.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.web.middleware.stores_away",
    "common.web.middleware.ContentPolicy",
    "common.web.middleware.admin_policy",
    "common.web.middleware.body_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.web.middleware.actor_context",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.web.context.site",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

LANGUAGE_CODE = "en"  # of the pages; people are written to in a language of their own (accounts.enums.Language)
LANGUAGES = [("en", "English"), ("es", "Español")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

DEMO = env.boolean("DEMO", default=False)
