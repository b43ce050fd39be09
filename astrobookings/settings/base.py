"""Settings that hold everywhere; local, test and production say what differs."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.urls import reverse_lazy

from astrobookings.settings import env

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
    "csp.middleware.CSPMiddleware",
    "common.web.middleware.admin_policy",
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


# --- stores -----------------------------------------------------------------------------------------------------------
def _store_urls() -> dict[str, str]:
    """Take the URLs from the environment, else those of the databases that `make run` started here."""
    from astrobookings.embedded import state  # noqa: PLC0415 - only where no URL is given

    names = ("DATABASE_URL", "CUSTOMER_MONGODB_URL", "LOGS_MONGODB_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    return given if len(given) == len(names) else {**state.read_urls(), **given}


_urls = _store_urls()
# Without a server these addresses answer at once with a refusal, and the commands say what to start.
DATABASE_URL = _urls.get("DATABASE_URL", "postgresql://astro@127.0.0.1:1/astro")
CUSTOMER_MONGODB_URL = _urls.get("CUSTOMER_MONGODB_URL", "mongodb://127.0.0.1:1/astro_customers")
LOGS_MONGODB_URL = _urls.get("LOGS_MONGODB_URL", "mongodb://127.0.0.1:1/astro_logs")
MONGODB_TIMEOUT_S = 1.5
MONGODB_PAUSE_S = 5.0  # how long requests do without a store that did not answer, before one of them tries again
LOG_SPOOL_DIR = VAR_DIR / "spool"

# Workers fork, and a forked child would share the pool's sockets: pool in web processes only (docs/adr/0004).
_IS_WORKER = len(sys.argv) > 1 and sys.argv[1] == "qcluster"
_database = env.postgres(DATABASE_URL)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database["OPTIONS"],
            "connect_timeout": 3,
            "application_name": "astrobookings",
            # Statements are prepared only where they are written out (docs/adr/0010), each for one way of doing it.
            "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=60s "
            "-c plan_cache_mode=force_generic_plan",
        },
    }
}
# Off behind a pooler that hands each transaction to another server connection, such as pgbouncer.
DATABASE_PREPARE = env.boolean("DATABASE_PREPARE", default=True)
if env.boolean("DATABASE_POOL", default=False) and not _IS_WORKER:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", 8, at_least=1),
        "timeout": 3,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60

CACHES = {
    # Shared by all processes: the rate limits count in it.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "common_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # Django's 300 would let a flood push the counters out
    }
}

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.EmailBackend"]
# OWASP's minimum for argon2id (19 MiB, 2 passes) keeps two cores usable: accounts/hashers.py.
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("accounts:sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("accounts:home")
LOGOUT_REDIRECT_URL = reverse_lazy("customer:home")
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
EMAIL_CONFIRMATION_MAX_AGE = timedelta(days=3)
ACCESS_TOKEN_MAX_AGE = timedelta(minutes=10)
REFRESH_TOKEN_MAX_AGE = timedelta(days=14)

AXES_FAILURE_LIMIT = env.integer("SIGN_IN_FAILURE_LIMIT", 8, at_least=1)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "accounts.doors.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "email", "csrfmiddlewaretoken"]
# How many proxies of ours stand before the web process: that many last entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "common.web.addresses.client_address"
AXES_VERBOSE = False

# --- the browser ------------------------------------------------------------------------------------------------------
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "common.web.problems.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# The admin's look needs Alpine, which evaluates expressions: a policy of its own, for employees only.
ADMIN_CONTENT_SECURITY_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "en"  # of the pages; people are written to in a language of their own (accounts.enums.Language)
LANGUAGES = [("en", "English"), ("es", "Español")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.PortalSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "common.web.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "common.web.problems.api_exception_handler",
    "DEFAULT_THROTTLE_RATES": {"token": "20/min"},
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Astro Bookings API",
    "DESCRIPTION": "Seats on rocket launches: for customers, suppliers and employees.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- jobs -------------------------------------------------------------------------------------------------------------
Q_CLUSTER = {
    "name": "astrobookings",
    "orm": "default",
    "workers": env.integer("WORKERS", 2, at_least=1),
    "poll": 0.2,  # seconds
    "timeout": 300,  # seconds
    "retry": 360,  # seconds; must exceed timeout, or a slow task runs twice
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 500,
    "bulk": 1,
    "label": "Jobs",
}
CLOCK_READ_EVERY_S = 10.0  # how often a process asks the database for the time
EVENTS_KEPT_DAYS = env.integer("EVENTS_KEPT_DAYS", 30, at_least=1)  # once every consumer has had them
OUTBOX_WAKE_EVERY_S = 0.5  # a process wakes the worker no more often than that
RECONCILE_FULL_HOUR = env.integer("RECONCILE_FULL_HOUR", 3) % 24  # UTC; the hourly run after it compares everything
JOB_FAILURES_TOLD = env.integer("JOB_FAILURES_TOLD", 3, at_least=1)  # so many in a row, and IT gets a mail
JOB_RUNS_KEPT_DAYS = env.integer("JOB_RUNS_KEPT_DAYS", 14, at_least=1)
JOB_LIMIT_S = 290  # how long a job may take that names no limit of its own ("limit_s")
# Name -> what runs and how often; `manage.py sync_schedules` makes the rows match.
SCHEDULES: dict[str, dict[str, Any]] = {
    "deliver events": {"func": "common.tasks.outbox_sweep", "minutes": 1},
    "expire holds": {"func": "bookings.tasks.holds_expire", "minutes": 1},
    "warn of lapsing holds": {"func": "bookings.tasks.holds_warn", "minutes": 1},
    "serve waiting lists": {"func": "bookings.tasks.waiting_lists_serve", "minutes": 1},
    "tend slips": {"func": "bookings.tasks.slips_tend", "minutes": 10},
    "check viability": {"func": "bookings.tasks.viability_check", "minutes": 60},
    "send due notifications": {"func": "notifications.tasks.send_due", "minutes": 1},
    "send due webhooks": {"func": "notifications.webhooks.tasks.send_due", "minutes": 1},
    "keep house of webhooks": {"func": "notifications.webhooks.tasks.keep_house", "minutes": 24 * 60},
    "ask about open payments": {"func": "finance.tasks.payments_settle", "minutes": 1},
    "settle launches": {"func": "finance.tasks.launches_settle", "minutes": 5},
    "sum up the day": {"func": "finance.tasks.days_sum_up", "minutes": 60},
    "chase invoices": {"func": "finance.tasks.invoices_chase", "minutes": 24 * 60},
    "pay suppliers": {"func": "finance.tasks.payouts_send", "minutes": 24 * 60},
    "reconcile": {"func": "documents.tasks.reconcile_scheduled", "minutes": 60},
    "reconcile money": {"func": "finance.tasks.money_reconcile", "minutes": 24 * 60, "limit_s": 3600},
    "remove old events": {"func": "common.tasks.events_remove", "minutes": 24 * 60},
    "forget old log lines": {"func": "documents.tasks.logs_forget", "minutes": 24 * 60},
    "check the audit trail": {"func": "documents.tasks.audit_check_scheduled", "minutes": 24 * 60},
    "clean up": {"func": "common.tasks.clean_up", "minutes": 24 * 60},
}

# --- mail -------------------------------------------------------------------------------------------------------------
MAIL_DIR = Path(os.environ.get("MAIL_DIR", VAR_DIR / "mail"))
EMAIL_BACKEND = "notifications.mail.FileBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Astro Bookings <bookings@astrobookings.example>")
# A document that would take the attachments of one mail beyond this stays out; many receivers refuse mails over 10 MiB.
MAIL_ATTACHMENTS_MAX_BYTES = 5 * 1024 * 1024
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "support@astrobookings.example")
MAIL_PROVIDER = "files"
if _email_url := os.environ.get("EMAIL_URL"):
    globals().update(env.mail(_email_url))
# What the provider takes, over all workers; 0 is no limit.
MAIL_PER_MINUTE = env.integer("MAIL_PER_MINUTE", 0)
# Addresses in mails start with this.
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# --- webhooks (docs/webhooks.md) --------------------------------------------------------------------------------------
WEBHOOK_TIMEOUT_S = env.integer("WEBHOOK_TIMEOUT_S", 15, at_least=1)  # for all of one attempt
WEBHOOKS_AT_ONCE = env.integer("WEBHOOKS_AT_ONCE", 8, at_least=1)  # receivers that one worker speaks with
WEBHOOK_PORTS = env.integers("WEBHOOK_PORTS", "443,8443")
WEBHOOK_CA_FILE = env.text("WEBHOOK_CA_FILE", "")  # more certificates to trust, for receivers of one's own
# Only to try webhooks on one's own machine: http:// and loopback addresses are sent to, on any port.
WEBHOOK_ALLOW_LOOPBACK = env.boolean("WEBHOOK_ALLOW_LOOPBACK", default=False)
WEBHOOK_ENDPOINTS_MAX = env.integer("WEBHOOK_ENDPOINTS_MAX", 10, at_least=1)  # per supplier
WEBHOOK_KEEP_DAYS = env.integer("WEBHOOK_KEEP_DAYS", 14, at_least=3)  # what waits for a paused endpoint
WEBHOOK_LOG_DAYS = env.integer("WEBHOOK_LOG_DAYS", 30, at_least=1)

# --- payments (docs/payments.md) --------------------------------------------------------------------------------------
PAYMENT_GATEWAY = env.choice("PAYMENT_GATEWAY", ("sandbox", "stripe"))
# Read also while the sandbox is on: payments made at Stripe before are asked about and refunded there.
_needs_stripe = PAYMENT_GATEWAY == "stripe"
STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY", needed=_needs_stripe)
STRIPE_PUBLISHABLE_KEY = env.secret("STRIPE_PUBLISHABLE_KEY", needed=_needs_stripe)
STRIPE_WEBHOOK_SECRET = env.secret("STRIPE_WEBHOOK_SECRET", needed=_needs_stripe)
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
GATEWAY_TIMEOUT_S = env.integer("GATEWAY_TIMEOUT_S", 8, at_least=1)  # a call to a gateway over the network

# --- business numbers (domain.md): defaults that an operator may change ---------
HOLD_MINUTES = env.integer("HOLD_MINUTES", 15, at_least=1)
HOLD_EXTENSION_MINUTES = env.integer("HOLD_EXTENSION_MINUTES", 10, at_least=1)  # once
HOLD_WARN_MINUTES = env.integer("HOLD_WARN_MINUTES", 5, at_least=1)  # before the end
HOLDS_PER_CUSTOMER = env.integer("HOLDS_PER_CUSTOMER", 5, at_least=1)  # unpaid ones, over all launches
HOLDS_PER_ADDRESS = env.integer("HOLDS_PER_ADDRESS", 20, at_least=1)
QUOTE_MINUTES = env.integer("QUOTE_MINUTES", 15, at_least=1)
REBOOKING_DAYS = env.integer("REBOOKING_DAYS", 30)  # before departure: until then a customer may move to another launch
SLIP_DAYS = env.integer("SLIP_DAYS", 30, at_least=1)  # a delay of so many asks every booking what it wants
SLIP_ANSWER_DAYS = env.integer("SLIP_ANSWER_DAYS", 14, at_least=1)
SEAT_LIMIT = env.integer("SEAT_LIMIT", 4, at_least=1)
SEAT_LIMIT_VIP = env.integer("SEAT_LIMIT_VIP", 6, at_least=1)
WAITING_OFFER_HOURS = env.integer("WAITING_OFFER_HOURS", 24, at_least=1)
PASSENGER_CHANGE_DAYS = env.integer(
    "PASSENGER_CHANGE_DAYS", 30
)  # before departure: until then details and seats change
PASSENGER_AGE_MIN = env.integer("PASSENGER_AGE_MIN", 18)
PASSENGER_AGE_MAX = env.integer("PASSENGER_AGE_MAX", 70)
MINIMUM_OCCUPANCY_PERCENT = env.integer("MINIMUM_OCCUPANCY_PERCENT", 20)
VIABILITY_MONTHS = env.integer("VIABILITY_MONTHS", 3, at_least=1)  # before departure
VIABILITY_WARNING_MONTHS = env.integer("VIABILITY_WARNING_MONTHS", 1, at_least=1)  # before that
INVOICE_DUE_DAYS = env.integer("INVOICE_DUE_DAYS", 30)
INVOICE_REMINDER_DAYS = env.integer("INVOICE_REMINDER_DAYS", 14, at_least=1)  # between two reminders
TAX_PERCENT = env.decimal("TAX_PERCENT", "0")  # contained in every price and fee
FEE_PERCENT = env.decimal("FEE_PERCENT", "1")  # of a launch's net revenue
FEE_PERCENT_RELIABLE = env.decimal("FEE_PERCENT_RELIABLE", "0.8")
RELIABLE_AFTER = env.integer("RELIABLE_AFTER", 2, at_least=1)  # successful launches before this one
ABORT_FEE_USD = env.decimal("ABORT_FEE_USD", "1000")
PAYOUT_DAYS = env.integer("PAYOUT_DAYS", 7)  # after the statement
# Who issues invoices; an empty line is left out of them.
COMPANY_NAME = env.text("COMPANY_NAME", "Astro Bookings")
COMPANY_ADDRESS = env.text("COMPANY_ADDRESS", "")
COMPANY_TAX_ID = env.text("COMPANY_TAX_ID", "")
COMPANY_BANK = env.text("COMPANY_BANK", "")  # where suppliers pay what they owe
DEMO = env.boolean("DEMO", default=False)

# --- logs -------------------------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "common.logs.ContextFilter"}},
    "formatters": {"json": {"()": "documents.redaction.JsonFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["context"]},
        "documents": {"class": "documents.logs.MongoLogHandler", "level": "INFO", "filters": ["context"]},
    },
    "root": {"handlers": ["console", "documents"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # One line for each job that is queued would drown the rest.
        "django-q": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},  # each call, else
        # pymongo's own talk would feed the handler that writes through pymongo.
        "pymongo": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Astro Bookings admin",
    "SITE_HEADER": "Astro Bookings",
    "SITE_URL": "/employee/",
    "SITE_SYMBOL": "rocket_launch",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("shared/images/favicon.svg")},
    ],
    # The accent of the portals, from light to dark.
    "COLORS": {
        "primary": {
            "50": "#fff4ed",
            "100": "#ffe6d5",
            "200": "#ffc9aa",
            "300": "#ffa374",
            "400": "#ff8a55",
            "500": "#ff6b2c",
            "600": "#c2410c",
            "700": "#a23409",
            "800": "#822b0b",
            "900": "#6a250d",
            "950": "#391004",
        }
    },
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "astrobookings.admin_sidebar.environment",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "astrobookings.admin_sidebar.navigation",
    },
}
