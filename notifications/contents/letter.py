"""What a message is made of before it is rendered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads it, as far as the words depend on it."""

    user_id: int | None = None
    name: str = ""
    time_zone: str = "UTC"
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A PDF that goes with a message: its file's name, and how it is printed."""

    name: str
    make: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """
    The values of a message's templates, where its button leads, and the documents that go with it.

    `link` is the page it is about, and is kept. `action_path` is where the button of the mail leads; it may open an
    account, and is never kept.
    """

    values: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    action_label: str = ""
    action_path: str = ""
    papers: tuple[Paper, ...] = ()


Maker = Callable[[Facts, Reader, datetime], Letter]
