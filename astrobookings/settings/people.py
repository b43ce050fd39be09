"""Who signs in, with what, and how often they may try."""

from datetime import timedelta

from django.urls import reverse_lazy

from astrobookings.settings import env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.EmailBackend"]
# OWASP's minimum for argon2id (19 MiB, 2 passes) keeps two cores usable: accounts/hashers.py.
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("accounts:sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("accounts:home")
LOGOUT_REDIRECT_URL = reverse_lazy("customer:home")
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
EMAIL_CONFIRMATION_MAX_AGE = timedelta(days=3)
ACCESS_TOKEN_MAX_AGE = timedelta(minutes=10)
# Web processes keep users in memory between the calls of the API; they hear of every change (accounts.remembered).
REMEMBER_USERS = env.boolean("REMEMBER_USERS", default=True)
REFRESH_TOKEN_MAX_AGE = timedelta(days=14)
# Employees prove themselves by a code of their own device too (docs/accounts.md).
EMPLOYEE_SECOND_FACTOR = env.boolean("EMPLOYEE_SECOND_FACTOR", default=True)

AXES_FAILURE_LIMIT = env.integer("SIGN_IN_FAILURE_LIMIT", 8, at_least=1)
SIGN_IN_FAILURES_PER_ADDRESS = env.integer("SIGN_IN_FAILURES_PER_ADDRESS", 100, at_least=1)  # in 15 minutes
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
