"""Secrets that sign webhooks, in Logs MongoDB: encrypted, each under an id of its own, never changed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from documents import cipher, mongo
from documents.records import WebhookSecretRecord
from documents.repositories.base import Index, Repository


class WebhookSecrets(Repository[WebhookSecretRecord]):
    """
    Signing secrets by id.

    A secret is written before the row of PostgreSQL that names it, so a named one is always here; one that was never
    named (its writer died in between) goes with the next `forget`.
    """

    store = staticmethod(mongo.logs)
    name = "webhook_secrets"
    key = "secret_id"
    record = WebhookSecretRecord
    indexes = (Index("by_endpoint", (("endpoint_id", 1), ("secret_id", 1))),)
    is_journalled = True

    @classmethod
    def add(cls, *, secret_id: UUID, endpoint_id: UUID, secret: str, now: datetime) -> None:
        """Keep a new secret. Raises: DocumentExists, DocumentStoreUnavailable."""
        ciphertext = cipher.encrypt(secret, context=_context(endpoint_id, secret_id))
        record = WebhookSecretRecord(
            secret_id=str(secret_id), endpoint_id=str(endpoint_id), ciphertext=ciphertext, created_at=now
        )
        cls._documents().insert(cls._document(record))

    @classmethod
    def get(cls, *, secret_id: UUID, endpoint_id: UUID) -> str | None:
        """Return a secret in clear, or None. Raises: SecretUnreadable, DocumentStoreUnavailable."""
        document = cls._documents().find_one({"_id": str(secret_id)})
        if document is None:
            return None
        return cipher.decrypt(cls._record(document).ciphertext, context=_context(endpoint_id, secret_id))

    @classmethod
    def forget(cls, *, endpoint_id: UUID, keep: Collection[UUID], before: datetime) -> int:
        """Delete an endpoint's secrets made before an instant, but those named; return how many."""
        kept = {str(one) for one in keep}
        old = cls._documents().find({"endpoint_id": str(endpoint_id)}, sort=[("secret_id", 1)])
        unwanted = [one["_id"] for one in old if one["_id"] not in kept and one["created_at"] < before]
        return sum(cls._documents().delete({"_id": secret_id}) for secret_id in unwanted)


def _context(endpoint_id: UUID, secret_id: UUID) -> str:
    return f"webhook {endpoint_id} {secret_id}"
