"""
What receivers may choose by mail: topics, and which templates belong to them.

Only what is listed as optional may be switched off; whatever belongs to no topic here is told to its receivers always.
So a new message is never lost by being forgotten in this list.
"""

from dataclasses import dataclass

from accounts.enums import UserKind
from notifications.topic_words import WORDS, TopicWords

C, S, E = UserKind.CUSTOMER, UserKind.SUPPLIER, UserKind.EMPLOYEE


@dataclass(frozen=True, kw_only=True)
class Topic:
    """
    Something people are told about. `templates`: whose mails are switched off with it; without any it is required.
    """

    code: str
    kinds: tuple[UserKind, ...]
    templates: tuple[str, ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether it cannot be switched off; its words say why."""
        return not self.templates

    def words(self, language: str = "en") -> TopicWords:
        """Return what it is called."""
        return WORDS[language][self.code]


TOPICS: tuple[Topic, ...] = (
    Topic(
        code="account",
        kinds=(C, S, E),
    ),
    Topic(
        code="trips",
        kinds=(C,),
    ),
    Topic(
        code="money",
        kinds=(C,),
    ),
    Topic(
        code="launch_news",
        kinds=(C,),
        templates=("launch_confirmed", "launch_launched"),
    ),
    Topic(
        code="new_launches",
        kinds=(C,),
        templates=("launch_scheduled",),
    ),
    Topic(
        code="waiting",
        kinds=(C,),
        templates=("waiting_offered", "waiting_closed"),
    ),
    Topic(
        code="reminders",
        kinds=(C,),
        templates=("hold_lapsing", "slip_reminded"),
    ),
    Topic(
        code="selling",
        kinds=(S,),
    ),
    Topic(
        code="supplier_money",
        kinds=(S,),
    ),
    Topic(
        code="bookings",
        kinds=(S,),
        templates=(
            "supplier_booking_confirmed",
            "supplier_booking_changed",
            "supplier_booking_cancelled",
            "supplier_booking_moved",
        ),
    ),
    Topic(
        code="launches",
        kinds=(S,),
        templates=("supplier_launch_moved",),
    ),
    Topic(
        code="failures",
        kinds=(E,),
    ),
    Topic(
        code="papers",
        kinds=(E,),
        templates=(
            "staff_supplier_invoice_issued",
            "staff_invoice_overdue",
            "staff_statement_issued",
            "staff_day_summed_up",
        ),  # fmt: skip
    ),
    Topic(
        code="repairs",
        kinds=(E,),
        templates=("staff_drift_found", "staff_wording_broke"),
    ),
)
# Somebody sits before a page and waits for these, or has minutes to act; they pass what has time, such as news to many.
_URGENT = frozenset({"email_confirmation", "already_registered", "password_reset", "hold_lapsing"})
_BY_CODE = {topic.code: topic for topic in TOPICS}
_OPTIONAL = {template: topic for topic in TOPICS for template in topic.templates}


def topics_of(kind: str) -> list[Topic]:
    """Return the topics of a kind of user, those that may be switched off first."""
    return sorted((topic for topic in TOPICS if kind in topic.kinds), key=lambda topic: topic.is_required)


def optional_topic(template: str) -> Topic | None:
    """Return the topic that a template's mails may be switched off by; none when they are always sent."""
    return _OPTIONAL.get(template)


def topic_get(code: str) -> Topic | None:
    """Return a topic by its code."""
    return _BY_CODE.get(code)


def is_urgent(template: str) -> bool:
    """Whether a template's messages go before those that have time."""
    return template in _URGENT
