"""What can go wrong with documents, in sentences fit for people."""

from common.errors import DomainError, Kind


class DocumentStoreUnavailable(DomainError):
    """A document store does not answer, or answers that it cannot serve now. Trying again later may work."""

    code = "document_store_unavailable"
    kind = Kind.BUSY

    def __init__(self, store: str, reason: str) -> None:
        self.store = store
        self.reason = reason
        super().__init__(f"The {store} document store cannot be reached just now. Please try again in a moment.")


class DocumentRefused(DomainError):
    """A document store refused a write: the document breaks a rule of its collection. Trying again does not help."""

    code = "document_refused"
    kind = Kind.CONFLICT

    def __init__(self, store: str, collection: str, reason: str) -> None:
        self.store = store
        self.collection = collection
        self.reason = reason
        super().__init__(f"The {store} document store refused a document of {collection}: {reason}")


class DocumentExists(DocumentRefused):
    """Another document already carries this unique value; `unique_fields` says which."""

    code = "document_exists"

    def __init__(self, store: str, collection: str, unique_fields: tuple[str, ...]) -> None:
        self.unique_fields = unique_fields
        super().__init__(store, collection, f"another one has the same {' and '.join(unique_fields) or 'key'}.")


class DatasetUnknown(DomainError):
    """No data set of this name is registered for reconciliation."""

    code = "dataset_unknown"
    kind = Kind.INVALID

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(f"There is no data set named {name!r}. Choose from: {', '.join(known) or 'none registered'}.")


class DatasetIsHome(DomainError):
    """The documents of this data set are the only ones there are: nothing could be rebuilt from PostgreSQL."""

    code = "dataset_is_home"
    kind = Kind.INVALID

    def __init__(self, name: str, copies: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(
            f"The documents of {name!r} are no copies, so they cannot be rebuilt. Choose from: {', '.join(copies)}."
        )


class ReconciliationRunning(DomainError):
    """Another reconciliation is at work; only one runs at a time."""

    code = "reconciliation_running"
    kind = Kind.CONFLICT

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        super().__init__(f"Reconciliation {run_id} is still running. Wait for its end, then start again.")


class ReconciliationNotFound(DomainError):
    """No reconciliation run has this number."""

    code = "reconciliation_not_found"
    kind = Kind.NOT_FOUND

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        super().__init__(f"There is no reconciliation run {run_id}.")


class AuditEntryNotFound(DomainError):
    """The audit trail has no such entry, or it is not the reader's to see."""

    code = "audit_entry_not_found"
    kind = Kind.NOT_FOUND

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__("There is no such entry in the audit trail.")


class AuditCheckRunning(DomainError):
    """The audit trail is being checked already."""

    code = "audit_check_running"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__("The audit trail is being checked already. Wait for the outcome.")


class SecretUnreadable(DomainError):
    """A kept secret cannot be opened: SECRET_KEY was replaced without keeping the old one, or it was altered."""

    code = "secret_unreadable"
    kind = Kind.CONFLICT
    sentence = "The kept secret cannot be read any more. Make a new one."
