"""Messages about the running of the system."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from common import outbox_state
from documents.redaction import mask_text
from notifications import links
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.phrases import phrase
from notifications.errors import NoLongerApplies
from notifications.webhooks import selectors as webhook_selectors


def staff_drift_found(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that the stores differed, and that all that was found is repaired."""
    path = links.reconciliation_run(facts["run_id"])
    figures = [(phrase(name, reader), facts[name]) for name in ("missing", "stale", "orphaned", "repaired", "failed")]
    values = {"figures": figures, "is_whole": facts.get("is_whole", True)}  # messages that waited may lack it
    return Letter(values=values, link=path, action_label=phrase("open_run", reader), action_path=path)


def staff_drift_left(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that the stores differ and somebody has to repair it."""
    return staff_drift_found(facts, reader, now)


def staff_event_parked(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that a consumer gave up on an event, and how many such there are by now."""
    count = outbox_state.parked_count(consumer=facts["consumer"])
    if not count:
        raise NoLongerApplies("What was parked was handled or dropped meanwhile.")
    path = links.events()
    values = {
        "consumer": facts["consumer"],
        "event_name": facts["event_name"],
        "number": facts["event_id"],
        "error": mask_text(facts["error"]),  # mails leave the house
        "others": count - 1,
    }
    return Letter(values=values, link=path, action_label=phrase("open_events", reader), action_path=path)


def staff_job_keeps_failing(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that a job has failed several times in a row."""
    path = links.job(facts["job"])
    values = {"job": facts["job"], "failures": facts["failures"], "error": mask_text(facts["error"])}
    return Letter(values=values, link=path, action_label=phrase("open_job", reader), action_path=path)


def staff_money_differences(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell finance that the books of money differed, and how much is left to do."""
    path = links.money_run(facts["run_id"])
    figures = [(phrase(name, reader), facts[name]) for name in ("found", "repaired", "left")]
    values = {"figures": figures, "left": facts["left"]}
    return Letter(values=values, link=path, action_label=phrase("open_run", reader), action_path=path)


def staff_audit_broken(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that somebody, or something, touched the audit trail."""
    path = links.audit_trail()
    return Letter(
        values={"problem": facts["problem"]}, link=path, action_label=phrase("open_trail", reader), action_path=path
    )


def staff_wording_broke(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that words of theirs failed in a real message, which went out in the shipped ones."""
    path = links.wording(facts["template"], facts["language"])
    values = {
        "name": said_template(facts["template"]),
        "language_name": phrase(facts["language"], reader),
        "number": facts["number"],
        "error": facts["error"],
    }
    return Letter(values=values, link=path, action_label=phrase("open_template", reader), action_path=path)


def said_template(template: str) -> str:
    """Say a template's name: "Booking confirmed"."""
    return template.replace("_", " ").capitalize()


def webhook_paused(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell an endpoint's owners that nothing is sent to it any more, why, and what to do."""
    endpoint = webhook_selectors.endpoint_find(endpoint_id=UUID(facts["webhook_id"]))
    if endpoint is None or not endpoint.is_paused:
        raise NoLongerApplies("The endpoint was resumed or removed meanwhile.")
    path = links.webhook(facts["webhook_id"], is_suppliers=facts["supplier_id"] is not None)
    values = {
        "address": facts["address"],
        "is_gone": facts["cause"] == "gone",
        "error": facts["error"],
        "keep_days": settings.WEBHOOK_KEEP_DAYS,
    }
    return Letter(values=values, link=path, action_label=phrase("open_endpoint", reader), action_path=path)
