"""Messages about waiting lists, and about purchases that a called-off launch ended."""

from datetime import datetime

from bookings import selectors as booking_selectors
from notifications import links
from notifications.contents.facts import said_launch, said_moment, said_money
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.phrases import phrase
from notifications.errors import NoLongerApplies


def waiting_offered(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Offer seats to a customer who waits, with the instant until which they are held."""
    view = booking_selectors.waiting_now(entry_id=facts["entry_id"], now=now)
    if not view.is_offered or view.entry.hold is None:
        raise NoLongerApplies("The offer was answered, or its time ran out.")
    hold, path = view.entry.hold, links.waiting(view.entry.pk)
    values = {
        "launch": said_launch(launch_id=facts["launch_id"], reader=reader),
        "party": facts["party"],
        "seats": ", ".join(facts["seat_labels"]),
        "total": said_money(hold.price_amount * facts["party"], hold.price_currency, reader),
        "until": said_moment(hold.expires_at, reader),
    }
    return Letter(values=values, link=path, action_label=phrase("see_offer", reader), action_path=path)


def waiting_closed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer that waiting is over without seats."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    path = links.launch(launch.slug)
    values = {"launch": launch, "party": facts["party"], "is_limit": facts["reason"] == "limit"}
    return Letter(values=values, link=path, action_label=phrase("see_launch", reader), action_path=path)


def purchase_called_off(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a customer who was about to buy that the launch is off, and what becomes of a payment under way."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    path = links.launch(launch.slug)
    values = {"launch": launch, "kind": facts["kind"], "reference": facts["reference"]}
    return Letter(values=values, link=path, action_label=phrase("see_launch", reader), action_path=path)
