"""Messages about accounts. Links that open something are made here, when the mail is sent, and kept nowhere."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts import selectors as account_selectors
from common.errors import NotFound
from notifications import links
from notifications.contents.facts import said_moment
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.phrases import phrase
from notifications.errors import NoLongerApplies

# Who waited longer for the mail than this has asked again or given up.
RESET_STILL_WANTED = timedelta(hours=24)


def email_confirmation(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Ask to confirm the e-mail."""
    _owner_require(facts)
    user = account_selectors.user_active(user_id=facts["user_id"])
    if user is None or user.email_confirmed_at is not None:
        raise NoLongerApplies("The e-mail is confirmed by now.")
    return Letter(
        values={"days": settings.EMAIL_CONFIRMATION_MAX_AGE.days},
        action_label=phrase("confirm_email", reader),
        action_path=account_selectors.email_confirmation_link_path(facts["user_id"], now=now),
    )


def already_registered(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the owner that somebody tried to register again."""
    _owner_require(facts)
    return Letter(
        values={"reset_url": links.absolute(links.forgotten_password())},
        link=links.sign_in(),
        action_label=phrase("sign_in", reader),
        action_path=links.sign_in(),
    )


def account_created(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Welcome somebody whose account was made for them."""
    contact = _owner_require(facts)
    return Letter(
        values={"kind": phrase(contact.kind, reader), "reset_url": links.absolute(links.forgotten_password())},
        link=links.sign_in(),
        action_label=phrase("sign_in", reader),
        action_path=links.sign_in(),
    )


def password_reset(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Send the link that sets a new password."""
    _owner_require(facts)
    if now - datetime.fromisoformat(facts["occurred_at"]) > RESET_STILL_WANTED:
        raise NoLongerApplies("It was asked for more than a day ago.")
    return Letter(
        values={"minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
        action_label=phrase("choose_password", reader),
        action_path=account_selectors.password_reset_link_path(facts["user_id"]),
    )


def password_changed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that the password was changed, should it have been somebody else."""
    _owner_require(facts)
    return Letter(
        values={"changed_at": said_moment(datetime.fromisoformat(facts["occurred_at"]), reader)},
        link=links.forgotten_password(),
        action_label=phrase("not_me", reader),
        action_path=links.forgotten_password(),
    )


def new_sign_in(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that the account was signed in to from a new place, should it have been somebody else."""
    _owner_require(facts)
    values = {
        "at": said_moment(datetime.fromisoformat(facts["occurred_at"]), reader),
        "client": phrase("api", reader) if facts["client"] == "API" else facts["client"],
    }
    return Letter(
        values=values,
        link=links.forgotten_password(),
        action_label=phrase("not_me", reader),
        action_path=links.forgotten_password(),
    )


def second_factor_enrolled(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that a device was set up, should it have been somebody else's."""
    return _security(facts, reader, {"is_next": facts["is_next"]})


def second_factor_reset(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that an admin took the second factor away, and why."""
    return _security(facts, reader, {"reason": facts["reason"]})


def recovery_code_used(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that a recovery code was used, and how many are left."""
    return _security(facts, reader, {"left": facts["left"]})


def _security(facts: Facts, reader: Reader, values: dict[str, object]) -> Letter:
    """Say when it was, and lead to a new password."""
    _owner_require(facts)
    return Letter(
        values={"at": said_moment(datetime.fromisoformat(facts["occurred_at"]), reader), **values},
        link=links.forgotten_password(),
        action_label=phrase("not_me", reader),
        action_path=links.forgotten_password(),
    )


def address_bounced(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell that mails come back; it stands in the inbox only."""
    user = _owner_require(facts)
    if user.email.lower() != facts["address"]:
        raise NoLongerApplies("The address is another one now.")
    path = links.preferences(user.kind)
    values = {"address": facts["address"], "is_complaint": facts["kind"] == "complained"}
    return Letter(values=values, link=path, action_label=phrase("choose_mails", reader), action_path=path)


def _owner_require(facts: Facts) -> account_selectors.Contact:
    try:
        return account_selectors.user_contact(facts["user_id"])
    except NotFound:
        raise NoLongerApplies("The account is closed.") from None
