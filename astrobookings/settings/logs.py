"""What is logged, and where to."""

from typing import Any

from astrobookings.settings import env

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
        # Failures have a line in any case; one for each success costs a rush a tenth of its rate.
        "common.web.access": {"level": "INFO" if env.boolean("LOG_REQUESTS", default=False) else "WARNING"},
        "stripe": {"level": "WARNING"},  # each call, else
        # pymongo's own talk would feed the handler that writes through pymongo.
        "pymongo": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
