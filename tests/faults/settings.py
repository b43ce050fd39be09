"""Production's settings for the site of the fault tests, but for the collected static files, slow to make."""

from astrobookings.settings.production import *  # noqa: F403 - settings build upon production's

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
