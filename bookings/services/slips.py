"""
Slips: how questions about a far delay are answered, reminded of, and end; slip_asking.py opens them.

A question ends by an answer, at its deadline (then the booking is kept), or by another change that makes it pointless.
The deadline is judged by the clock, not by when a job gets round to it.
"""

import logging
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import OperationalError, transaction

from bookings import errors, events
from bookings.enums import BookingStatus, RebookingStatus, SlipStatus
from bookings.locks import booking_lock
from bookings.models import Rebooking, SlipDecision
from bookings.services.booking import event_values
from bookings.services.cancellation import booking_cancel_for_supplier
from bookings.services.rebooking import rebooking_end
from bookings.services.slip_asking import REMINDERS
from bookings.services.slip_closing import slip_close, slip_open_overtake
from common import outbox
from common.errors import Busy, InvalidInput
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

ANSWERS = {"keep": SlipStatus.KEPT, "refund": SlipStatus.REFUNDED}
LEFT = "the departure was moved, and you chose to leave"


def slip_answer(*, decision_id: UUID | str, answer: str, now: datetime, actor: "User | None" = None) -> SlipDecision:
    """
    Keep the booking as it is, or leave with everything back; the same answer again changes nothing.

    Who may answer is the caller's to know: the customer, or whoever has the signed link. A move to another launch that
    was begun is given up. Leaving frees the seats for sale: the launch still flies.

    Args:
        answer: "keep" or "refund"; moving is `rebooking_open`.
    Raises: SlipNotFound, SlipOver, InvalidInput (answer), Busy.
    """
    if answer not in ANSWERS:
        raise InvalidInput(fields={"answer": "Choose keep or refund; to move, choose seats on another launch."})
    wanted = ANSWERS[answer]
    try:
        with transaction.atomic():
            decision = _locked(decision_id)
            if decision.status == wanted:
                return decision
            booking = decision.booking
            if decision.status != SlipStatus.OPEN or decision.deadline_at <= now:
                raise errors.SlipOver(reference=booking.reference, why=over_because(decision, now))
            if booking.status != BookingStatus.CONFIRMED or booking.launch_id != decision.launch_id:
                raise errors.SlipOver(reference=booking.reference, why="the booking has changed since")
            brief = launch_selectors.launch_brief(launch_id=decision.launch_id)
            if brief.is_off:
                raise errors.SlipOver(
                    reference=booking.reference, why="the launch is off, and everything comes back by itself"
                )
            for move in Rebooking.objects.select_for_update().filter(booking=booking, status=RebookingStatus.OPEN):
                rebooking_end(rebooking=move, now=now)
            slip_close(decision=decision, status=wanted, supplier_id=brief.supplier_id, now=now)
            if wanted == SlipStatus.REFUNDED:
                booking_cancel_for_supplier(booking_id=booking.pk, reason=LEFT, now=now, actor=actor, frees_seats=True)
            return decision
    except OperationalError as error:
        raise Busy from error


def slips_remind(*, now: datetime) -> int:
    """Remind of questions that nobody answered, 7 and 2 days before their deadline, each once; return how many."""
    due = SlipDecision.objects.filter(
        status=SlipStatus.OPEN,
        deadline_at__gt=now,
        deadline_at__lte=now + REMINDERS[0],
        booking__status=BookingStatus.CONFIRMED,
        reminders_sent__lt=len(REMINDERS),
    )
    told = 0
    for decision_id in list(due.order_by("deadline_at", "pk").values_list("pk", flat=True)):
        try:
            told += _remind(decision_id, now)
        except Exception:  # one that somebody works on must not keep the others waiting
            log.exception("Slip decision %s could not be reminded of", decision_id)
    return told


def _remind(decision_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        decision = _locked(decision_id)
        by_now = sum(now >= decision.deadline_at - before for before in REMINDERS)
        if decision.status != SlipStatus.OPEN or decision.reminders_sent >= by_now:
            return False
        decision.reminders_sent = by_now
        decision.save(update_fields=["reminders_sent"])
        supplier_id = launch_selectors.launch_brief(launch_id=decision.launch_id).supplier_id
        outbox.publish(
            events.SlipReminded(
                **event_values(decision.booking, supplier_id),
                decision_id=str(decision.pk),
                deadline_at=decision.deadline_at,
            )
        )
        return True


def slips_lapse(*, now: datetime) -> int:
    """Close the questions whose deadline has passed: the booking is kept; return how many."""
    due = SlipDecision.objects.filter(status=SlipStatus.OPEN, deadline_at__lte=now)
    lapsed = 0
    for decision_id in list(due.order_by("deadline_at", "pk").values_list("pk", flat=True)):
        try:
            lapsed += _lapse(decision_id, now)
        except Exception:  # as above
            log.exception("Slip decision %s could not be closed", decision_id)
    return lapsed


def _lapse(decision_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        decision = _locked(decision_id)
        if decision.status != SlipStatus.OPEN:
            return False
        supplier_id = launch_selectors.launch_brief(launch_id=decision.launch_id).supplier_id
        slip_close(decision=decision, status=SlipStatus.LAPSED, supplier_id=supplier_id, now=now)
        return True


def slip_overtake(*, booking_id: int, now: datetime) -> None:
    """Close the open question of a booking that is over anyhow: cancelled, called off, flown."""
    with transaction.atomic():
        booking = booking_lock(booking_id=booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            supplier_id = launch_selectors.launch_brief(launch_id=booking.launch_id).supplier_id
            slip_open_overtake(booking=booking, supplier_id=supplier_id, now=now)


def over_because(decision: SlipDecision, now: datetime) -> str:
    """Say how a question ended, or that its deadline has passed, as the end of a sentence."""
    if decision.status in (SlipStatus.OPEN, SlipStatus.LAPSED):
        return "its deadline has passed, so the booking is kept"
    if decision.status == SlipStatus.OVERTAKEN:
        return "another change came after it"
    return f"it was answered with “{decision.get_status_display().lower()}”"


def _locked(decision_id: UUID | str) -> SlipDecision:
    """Lock a question after its booking, as everybody does. Raises: SlipNotFound, Busy."""
    booking_id = SlipDecision.objects.filter(pk=decision_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise errors.SlipNotFound
    booking = booking_lock(booking_id=booking_id)
    decision = SlipDecision.objects.select_for_update().get(pk=decision_id)
    decision.booking = booking
    return decision
