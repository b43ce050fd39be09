"""
What receivers may choose by mail: topics, and which templates belong to them.

Only what is listed as optional may be switched off; whatever belongs to no topic here is told to its receivers always.
So a new message is never lost by being forgotten in this list.
"""

from dataclasses import dataclass

from accounts.enums import UserKind

C, S, E = UserKind.CUSTOMER, UserKind.SUPPLIER, UserKind.EMPLOYEE


@dataclass(frozen=True, kw_only=True)
class Topic:
    """
    Something people are told about.

    `why` says to its receivers why it cannot be switched off; an optional topic has none. `said` is what the foot of
    its mails calls it, by language.
    """

    code: str
    label: str
    about: str
    kinds: tuple[UserKind, ...]
    why: str = ""
    templates: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether it cannot be switched off."""
        return bool(self.why)

    def said_in(self, language: str) -> str:
        """Return what mails in the language call it."""
        return dict(self.said).get(language) or dict(self.said).get("en", self.label.lower())


TOPICS: tuple[Topic, ...] = (
    Topic(
        code="account",
        label="Your account and its security",
        about="Confirming your e-mail, new passwords, sign-ins from new places.",
        kinds=(C, S, E),
        why="They protect your account, and some of their links are the only way into it.",
    ),
    Topic(
        code="trips",
        label="Your trips",
        about="Bookings, cancellations, new departure times, and the questions we ask when a launch slips.",
        kinds=(C,),
        why="You paid for these seats; whoever sells a journey must tell you when it changes.",
    ),
    Topic(
        code="money",
        label="Invoices and refunds",
        about="Invoices, credit notes, money on its way back to you.",
        kinds=(C,),
        why="Tax law has us send you these papers.",
    ),
    Topic(
        code="launch_news",
        label="Good news of your launches",
        about="The supplier has confirmed that your launch will fly; your launch has flown.",
        kinds=(C,),
        templates=("launch_confirmed", "launch_launched"),
        said=(("en", "good news of your launches"), ("es", "buenas noticias de sus lanzamientos")),
    ),
    Topic(
        code="new_launches",
        label="New launches",
        about="Launches that have just gone on sale, while you fly with us often enough to hear of them first.",
        kinds=(C,),
        templates=("launch_scheduled",),
        said=(("en", "new launches"), ("es", "nuevos lanzamientos")),
    ),
    Topic(
        code="waiting",
        label="Waiting lists",
        about="Seats free for you for 24 hours; the end of a waiting list. Without mails you keep your place.",
        kinds=(C,),
        templates=("waiting_offered", "waiting_closed"),
        said=(("en", "waiting lists"), ("es", "listas de espera")),
    ),
    Topic(
        code="reminders",
        label="Reminders",
        about="Held seats that lapse in a few minutes; a question about a slip that you have not answered yet.",
        kinds=(C,),
        templates=("hold_lapsing", "slip_reminded"),
        said=(("en", "reminders"), ("es", "recordatorios")),
    ),
    Topic(
        code="selling",
        label="Your company and its launches at risk",
        about="Approval and suspension; launches that will be aborted unless they sell more seats or are confirmed.",
        kinds=(S,),
        why="They decide whether you can sell, and have deadlines.",
    ),
    Topic(
        code="supplier_money",
        label="Invoices, statements and payouts",
        about="Our invoices and their reminders, settlements of your launches, money paid out to you.",
        kinds=(S,),
        why="Tax law has us send you these papers.",
    ),
    Topic(
        code="bookings",
        label="Bookings",
        about="Seats sold, changed, moved or given back.",
        kinds=(S,),
        templates=(
            "supplier_booking_confirmed",
            "supplier_booking_changed",
            "supplier_booking_cancelled",
            "supplier_booking_moved",
        ),
        said=(("en", "bookings"), ("es", "reservas")),
    ),
    Topic(
        code="launches",
        label="Moves of your launches",
        about="A launch of yours went on sale, is confirmed, delayed, aborted, or has flown.",
        kinds=(S,),
        templates=("supplier_launch_moved",),
        said=(("en", "moves of launches"), ("es", "cambios de los lanzamientos")),
    ),
    Topic(
        code="failures",
        label="What needs somebody",
        about="Refunds that fail, books of money that differ, damage to the audit trail, "
        "jobs and events that keep failing.",
        kinds=(E,),
        why="Somebody has to act on them, and it may be you.",
    ),
    Topic(
        code="papers",
        label="Papers of suppliers",
        about="For finance: invoices, overdue ones and statements of suppliers; a day's sum of customers' invoices.",
        kinds=(E,),
        templates=(
            "staff_supplier_invoice_issued",
            "staff_invoice_overdue",
            "staff_statement_issued",
            "staff_day_summed_up",
        ),  # fmt: skip
        said=(("en", "papers of suppliers"), ("es", "documentos de proveedores")),
    ),
    Topic(
        code="repairs",
        label="What repairs itself",
        about="Differences between the stores that reconciliation found, words of messages that fail; both are for IT.",
        kinds=(E,),
        templates=("staff_drift_found", "staff_wording_broke"),
        said=(("en", "what repairs itself"), ("es", "lo que se repara solo")),
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
