"""Mails, and the webhooks of suppliers and integrators (docs/webhooks.md)."""

import os
from pathlib import Path

from astrobookings.settings import env

MAIL_DIR = Path(os.environ.get("MAIL_DIR", env.VAR_DIR / "mail"))
EMAIL_BACKEND = "notifications.mail.FileBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Astro Bookings <bookings@astrobookings.example>")
# A document that would take the attachments of one mail beyond this stays out; many receivers refuse mails over 10 MiB.
MAIL_ATTACHMENTS_MAX_BYTES = 5 * 1024 * 1024
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "support@astrobookings.example")
MAIL_PROVIDER = "files"
ANYMAIL: dict[str, object] = {}
if _email_url := os.environ.get("EMAIL_URL"):
    globals().update(env.mail(_email_url))
# "user:password" with which the provider tells of bounces at /mails/tracking/<provider>/; without it that is closed.
ANYMAIL = {**ANYMAIL, **env.mail_tracking()}
# What the provider takes, over all workers; 0 is no limit.
MAIL_PER_MINUTE = env.integer("MAIL_PER_MINUTE", 0)
# Addresses in mails start with this.
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

WEBHOOK_TIMEOUT_S = env.integer("WEBHOOK_TIMEOUT_S", 15, at_least=1)  # for all of one attempt
WEBHOOKS_AT_ONCE = env.integer("WEBHOOKS_AT_ONCE", 8, at_least=1)  # receivers that one worker speaks with
WEBHOOK_PORTS = env.integers("WEBHOOK_PORTS", "443,8443")
WEBHOOK_CA_FILE = env.text("WEBHOOK_CA_FILE", "")  # more certificates to trust, for receivers of one's own
# Only to try webhooks on one's own machine: http:// and loopback addresses are sent to, on any port.
WEBHOOK_ALLOW_LOOPBACK = env.boolean("WEBHOOK_ALLOW_LOOPBACK", default=False)
WEBHOOK_ENDPOINTS_MAX = env.integer("WEBHOOK_ENDPOINTS_MAX", 10, at_least=1)  # per supplier
WEBHOOK_KEEP_DAYS = env.integer("WEBHOOK_KEEP_DAYS", 14, at_least=3)  # what waits for a paused endpoint
WEBHOOK_LOG_DAYS = env.integer("WEBHOOK_LOG_DAYS", 30, at_least=1)
