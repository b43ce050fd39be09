"""Messages about launches."""

from datetime import date, datetime, timedelta

from django.conf import settings

from bookings import selectors as booking_selectors
from launches import selectors as launch_selectors
from notifications import links
from notifications.contents.facts import SaidLaunch, said_day, said_departure, said_launch
from notifications.contents.letter import Facts, Letter, Reader
from notifications.contents.phrases import phrase, said_reason
from notifications.errors import NoLongerApplies


def launch_scheduled(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a VIP of a new launch before others hear of it."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if not launch.is_on_sale or launch.departure_at <= now:
        raise NoLongerApplies("The launch is not on sale any more.")
    path = links.launch(launch.slug)
    values = {"launch": launch, "seats_max": settings.SEAT_LIMIT_VIP}
    return Letter(values=values, link=path, action_label=phrase("see_launch", reader), action_path=path)


def launch_confirmed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a booked customer that the supplier will fly."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if launch.status != "confirmed":
        raise NoLongerApplies(f"The launch is {launch.status} by now.")
    return _to_trips({"launch": launch}, facts, reader)


def launch_delayed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a booked customer the new departure, why, and what they can do."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if not launch.is_on_sale:
        raise NoLongerApplies(f"The launch is {launch.status} by now.")
    if launch.departure_at != datetime.fromisoformat(facts["departure_at"]):
        raise NoLongerApplies("The departure was changed again; a later message says so.")
    old = said_departure(
        at=facts["old_departure_at"],
        precision=facts["old_departure_precision"],
        launch_id=facts["launch_id"],
        reader=reader,
    )
    values = {"launch": launch, "old_departure": old, "reason": said_reason(facts["reason"], reader)}
    return _to_trips(values, facts, reader)


def launch_date_changed(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a booked customer that the schedule names another departure."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if not launch.is_on_sale:
        raise NoLongerApplies(f"The launch is {launch.status} by now.")
    told = {name: change["after"] for name, change in facts.get("changes", {}).items()}
    is_date_told = "departure_at" not in told or datetime.fromisoformat(told["departure_at"]) == launch.departure_at
    if not is_date_told or told.get("departure_precision", launch.departure_precision) != launch.departure_precision:
        raise NoLongerApplies("The departure was changed again; a later message says so.")
    return _to_trips({"launch": launch}, facts, reader)


def launch_launched(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a booked customer that it flew."""
    return _to_trips({"launch": said_launch(launch_id=facts["launch_id"], reader=reader)}, facts, reader)


def supplier_approved(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a supplier that it may sell."""
    return _to_desk(facts, reader, status="approved")


def supplier_suspended(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell a supplier that it may not sell any more, and why."""
    return _to_desk(facts, reader, status="suspended")


def _to_desk(facts: Facts, reader: Reader, *, status: str) -> Letter:
    supplier = launch_selectors.supplier_get(supplier_id=facts["supplier_id"])
    if supplier.status != status:
        raise NoLongerApplies(f"The supplier is {supplier.status} by now; a later message says so.")
    values = {"supplier": supplier.trade_name, "reason": facts.get("reason", "")}
    path = links.supplier_home()
    return Letter(values=values, link=path, action_label=phrase("open_supplier_portal", reader), action_path=path)


def supplier_launch_moved(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell the launch desk that a launch has moved on, and what follows from it."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if not _is_so_still(facts, launch):
        raise NoLongerApplies(f"The launch is {launch.status} by now; a later message says so.")
    path = links.supplier_launch(launch.id)
    values = {
        "launch": launch,
        "what": phrase(facts["event"], reader),
        "consequence": phrase(f"{facts['event']}.then", reader),
        "reason": said_reason(facts.get("reason", ""), reader),
    }
    return Letter(values=values, link=path, action_label=phrase("open_launch", reader), action_path=path)


def _is_so_still(facts: Facts, launch: SaidLaunch) -> bool:
    """Tell whether a move still holds; what is over (aborted, launched, failed) stays so."""
    what = facts["event"].rpartition(".")[2]
    if what == "delayed":
        return launch.is_on_sale and launch.departure_at == datetime.fromisoformat(facts["departure_at"])
    if what == "confirmed":
        return launch.status == "confirmed"
    return what != "scheduled" or launch.is_on_sale


def supplier_viability_warning(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Warn the launch desk that the launch will be called off unless it sells more, or is confirmed."""
    launch = said_launch(launch_id=facts["launch_id"], reader=reader)
    if launch.status not in ("scheduled", "delayed"):
        raise NoLongerApplies(f"The launch is {launch.status} by now.")
    check_on = date.fromisoformat(facts["check_on"])
    path = links.supplier_launch(launch.id)
    values = {
        "launch": launch,
        "sold": facts["seats_sold"],
        "needed": facts["seats_needed"],
        "total": facts["seats_on_sale"],
        "missing": facts["seats_needed"] - facts["seats_sold"],
        "decide_by": said_day(check_on - timedelta(days=1), reader),
        "check_on": said_day(check_on, reader),
    }
    return Letter(values=values, link=path, action_label=phrase("open_launch", reader), action_path=path)


def _to_trips(values: dict[str, object], facts: Facts, reader: Reader) -> Letter:
    """Lead to the reader's trip on the launch; to the list where there are several."""
    references = (
        booking_selectors.references_on_launch(launch_id=facts["launch_id"], customer_id=reader.user_id)
        if reader.user_id
        else []
    )
    if reader.user_id and not references:
        raise NoLongerApplies("The receiver has no booking on the launch any more.")
    is_one = len(references) == 1
    path = links.trip(references[0]) if is_one else links.trips()
    label = phrase("open_trip" if is_one else "see_trips", reader)
    return Letter(values=values | {"references": references}, link=path, action_label=label, action_path=path)
