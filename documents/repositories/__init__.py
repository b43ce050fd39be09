"""One class a collection, named by need. Nothing but records comes out."""

from documents.repositories.audit import AuditTrail
from documents.repositories.base import Index, Repository
from documents.repositories.by_key import Entry
from documents.repositories.credentials import Credentials, RefreshTokens, TokenOutcome, TokenUse
from documents.repositories.customer import Offers, Profiles, Trips
from documents.repositories.journals import LEVELS, RequestLog, SystemLog
from documents.repositories.webhook_secrets import WebhookSecrets

ALL: tuple[type[Repository], ...] = (
    Profiles,
    Offers,
    Trips,
    Credentials,
    RefreshTokens,
    WebhookSecrets,
    SystemLog,
    RequestLog,
    AuditTrail,
)

__all__ = [
    "ALL",
    "LEVELS",
    "AuditTrail",
    "Credentials",
    "Entry",
    "Index",
    "Offers",
    "Profiles",
    "RefreshTokens",
    "Repository",
    "RequestLog",
    "SystemLog",
    "TokenOutcome",
    "TokenUse",
    "Trips",
    "WebhookSecrets",
]
