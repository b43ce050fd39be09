"""
What all repositories share: one class a collection, its indexes and validator beside it, records in and out.

# Note [Windows instead of open ranges]
A document server may build the whole result of a range before it sorts and cuts it, and one of those we support does.
So nothing here asks for "everything after this key, sorted, the first few": ranges are narrow windows over an indexed
field, which grow while they come back too empty. The work is then in step with what is returned, on any server.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar

from documents import codec, mongo
from documents.codec import Record, Unreadable

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Record)

_CLEAR_S = 200  # some 0.2 ms a document


@dataclass(frozen=True, slots=True)
class Index:
    """An index: fields in order, 1 upwards and -1 downwards."""

    name: str
    fields: tuple[tuple[str, int], ...]
    is_unique: bool = False
    is_sparse: bool = False
    expire_after: timedelta | None = None

    def options(self) -> dict[str, Any]:
        """Return what the store calls these options."""
        options: dict[str, Any] = {}
        if self.is_unique:
            options["unique"] = True
        if self.is_sparse:
            options["sparse"] = True
        if self.expire_after is not None:
            options["expireAfterSeconds"] = int(self.expire_after.total_seconds())
        return options

    def matches(self, facts: dict[str, Any]) -> bool:
        """Tell whether the store's index is this one."""
        kept = {name: facts[name] for name in ("unique", "sparse", "expireAfterSeconds") if facts.get(name)}
        return [tuple(pair) for pair in facts["key"]] == list(self.fields) and kept == self.options()


class Repository(Generic[R]):
    """One collection. Everything is a class method: a repository has no state of its own."""

    store: ClassVar[Callable[[], mongo.Store]]
    name: ClassVar[str]
    key: ClassVar[str]
    record: type[R]
    indexes: ClassVar[tuple[Index, ...]] = ()
    is_journalled: ClassVar[bool] = False

    @classmethod
    def _documents(cls) -> mongo.Documents:
        return cls.store().collection(cls.name, journalled=cls.is_journalled)

    @classmethod
    def _document(cls, record: R) -> dict[str, Any]:
        # Twice: as the store's own id, and under its name, for not every server has an index for ranges of ids.
        document = codec.encode(record)
        return {"_id": document[cls.key], **document}

    @classmethod
    def _record(cls, document: mongo.Document) -> R:
        return codec.decode(cls.record, document)

    @classmethod
    def _readable(cls, documents: Iterable[mongo.Document]) -> Iterator[R]:
        """Yield the records of documents; one that cannot be read is named in the log, and hides none of the others."""
        for document in documents:
            try:
                yield cls._record(document)
            except Unreadable as error:
                log.error("Document %s of %s cannot be read: %s", document["_id"], cls.name, error)

    @classmethod
    def ensure(cls) -> list[str]:
        """Create or correct the collection, its validator and its indexes; return what was changed, in words."""
        documents = cls._documents()
        cls.store().set_validator(cls.name, codec.json_schema(cls.record))
        present = documents.index_fields()
        changes = []
        for index in cls.indexes:
            facts = present.get(index.name)
            if facts is not None and index.matches(facts):
                continue
            if facts is not None:
                documents.drop_index(index.name)
            documents.create_index(index.name, index.fields, **index.options())
            changes.append(f"{cls.name}: index {index.name} {'changed' if facts else 'created'}")
        return changes

    @classmethod
    def missing_indexes(cls) -> list[str]:
        """Return the names of declared indexes that the store lacks or has otherwise."""
        present = cls._documents().index_fields()
        return [index.name for index in cls.indexes if not index.matches(present.get(index.name, {"key": ()}))]

    @classmethod
    def is_validator(cls, found: Any) -> bool:
        """Tell whether the store's validator of the collection is the one that is declared."""
        return bool(found == {"$jsonSchema": codec.json_schema(cls.record)})

    @classmethod
    def count_about(cls) -> int:
        """Return how many documents the store believes there are; at once, however many."""
        return cls._documents().count_about()

    @classmethod
    def count(cls) -> int:
        """Count all documents; slow on a big collection."""
        return cls._documents().count({})

    @classmethod
    def clear(cls) -> int:
        """Delete every document and return how many there were; for demo data and tests."""
        with mongo.patient(_CLEAR_S, cls.store()):
            return cls._documents().delete_all({})

    @classmethod
    def lines(cls) -> Iterator[str]:
        """Yield every document as a line of text, for a backup."""
        for document in cls._documents().each():
            yield mongo.line_of(document)

    @classmethod
    def lines_add(cls, lines: Iterable[str]) -> None:
        """
        Insert the documents of such lines.

        Raises: ValueError for a line that is none, DocumentExists, DocumentRefused, DocumentStoreUnavailable; documents
            before the one concerned stay.
        """
        cls._documents().insert_in_order([mongo.document_of(line) for line in lines])
