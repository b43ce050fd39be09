"""An event that only tests know, and consumers that note what they hear."""

from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction

from common import outbox, outbox_consumers


@dataclass(frozen=True)
class Happened:
    name: ClassVar[str] = "tests.thing.happened"
    number: int


def publish(*numbers: int) -> None:
    """Commit so many events, in one transaction."""
    with transaction.atomic():
        outbox.publish(*map(Happened, numbers))


def listen(monkeypatch, handler, *, consumer: str = "ear") -> None:
    """Have one consumer and no other, whose handler gets the numbers."""
    monkeypatch.setattr(
        outbox_consumers, "_handlers", {consumer: [(Happened.name, lambda event: handler(event.payload["number"]))]}
    )
    monkeypatch.setattr(outbox_consumers, "_batch_handlers", {})


def listen_to_batches(monkeypatch, handler, *, consumer: str = "ear") -> None:
    """Have one consumer and no other, whose handler gets lists of numbers."""

    def handle(events):
        handler([event.payload["number"] for event in events])

    monkeypatch.setattr(outbox_consumers, "_handlers", {})
    monkeypatch.setattr(outbox_consumers, "_batch_handlers", {consumer: [(Happened.name, handle)]})
