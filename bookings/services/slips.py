"""
Slips: when a launch is delayed far, everybody who booked is asked: keep, move, or leave with everything back.

A question is opened once for each announcement; it ends by an answer, at its deadline (then the booking is kept), or by
another change that makes it pointless. The deadline is judged by the clock, not by when a job gets round to it.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction

from bookings import errors, events
from bookings.enums import BookingStatus, RebookingStatus, SlipStatus
from bookings.locks import booking_lock
from bookings.models import Booking, Rebooking, SlipDecision
from bookings.services.booking import event_values
from bookings.services.cancellation import booking_cancel_for_supplier
from bookings.services.rebooking import rebooking_end
from bookings.services.slip_closing import slip_close
from common import outbox
from common.errors import Busy, InvalidInput
from launches import selectors as launch_selectors

if TYPE_CHECKING:
    from accounts.models import User

REMINDERS = (timedelta(days=7), timedelta(days=2))  # before the deadline
ANSWERS = {"keep": SlipStatus.KEPT, "refund": SlipStatus.REFUNDED}
LEFT = "the departure was moved, and you chose to leave"


def slips_open(
    *,
    launch_id: int,
    event_id: int,
    announced_at: datetime,
    old_departure_at: datetime,
    old_departure_precision: str,
    departure_at: datetime,
    reason: str,
) -> int:
    """
    Ask everybody whose booking was confirmed on a launch that slipped; called again for the same event it asks nobody.

    An earlier question that is still open is overtaken by this one. Who booked after the announcement knew of it.

    Args:
        announced_at: the deadline is `settings.SLIP_ANSWER_DAYS` after it, or the new departure if that is earlier.
    Returns: how many were asked.
    """
    rows = Booking.objects.filter(launch_id=launch_id, status=BookingStatus.CONFIRMED, created_at__lte=announced_at)
    asked = 0
    for booking_id in list(rows.values_list("pk", flat=True).order_by("pk")):
        with transaction.atomic():
            booking = booking_lock(booking_id=booking_id)
            is_same = booking.status == BookingStatus.CONFIRMED and booking.launch_id == launch_id
            if not is_same or _came_later(booking, announced_at):
                continue
            if SlipDecision.objects.filter(booking=booking, event_id__gte=event_id).exists():
                continue
            supplier_id = launch_selectors.launch_brief(launch_id=launch_id).supplier_id
            _open_one_overtake(booking, supplier_id, announced_at)
            deadline_at = min(announced_at + timedelta(days=settings.SLIP_ANSWER_DAYS), departure_at)
            decision = SlipDecision.objects.create(
                booking=booking,
                launch_id=launch_id,
                event_id=event_id,
                old_departure_at=old_departure_at,
                new_departure_at=departure_at,
                deadline_at=deadline_at,
                created_at=announced_at,
                # A reminder that would come with the question itself is none.
                reminders_sent=sum(announced_at >= deadline_at - before for before in REMINDERS),
            )
            outbox.publish(
                events.SlipOpened(
                    **event_values(booking, supplier_id),
                    decision_id=str(decision.pk),
                    old_departure_at=old_departure_at,
                    old_departure_precision=old_departure_precision,
                    departure_at=departure_at,
                    deadline_at=deadline_at,
                    reason=reason,
                )
            )
            asked += 1
    return asked


def _came_later(booking: Booking, announced_at: datetime) -> bool:
    """Whether it moved onto the launch when its new date was known already."""
    moves = Rebooking.objects.filter(booking=booking, status=RebookingStatus.DONE, to_launch_id=booking.launch_id)
    return moves.filter(done_at__gt=announced_at).exists()


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
        with transaction.atomic():
            decision = _locked(decision_id)
            by_now = sum(now >= decision.deadline_at - before for before in REMINDERS)
            if decision.status != SlipStatus.OPEN or decision.reminders_sent >= by_now:
                continue
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
            told += 1
    return told


def slips_lapse(*, now: datetime) -> int:
    """Close the questions whose deadline has passed: the booking is kept; return how many."""
    due = SlipDecision.objects.filter(status=SlipStatus.OPEN, deadline_at__lte=now)
    lapsed = 0
    for decision_id in list(due.order_by("deadline_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            decision = _locked(decision_id)
            if decision.status == SlipStatus.OPEN:
                supplier_id = launch_selectors.launch_brief(launch_id=decision.launch_id).supplier_id
                slip_close(decision=decision, status=SlipStatus.LAPSED, supplier_id=supplier_id, now=now)
                lapsed += 1
    return lapsed


def slip_overtake(*, booking_id: int, now: datetime) -> None:
    """Close the open question of a booking that is over anyhow: cancelled, called off, flown."""
    with transaction.atomic():
        booking = booking_lock(booking_id=booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            supplier_id = launch_selectors.launch_brief(launch_id=booking.launch_id).supplier_id
            _open_one_overtake(booking, supplier_id, now)


def over_because(decision: SlipDecision, now: datetime) -> str:
    """Say how a question ended, or that its deadline has passed, as the end of a sentence."""
    if decision.status in (SlipStatus.OPEN, SlipStatus.LAPSED):
        return "its deadline has passed, so the booking is kept"
    if decision.status == SlipStatus.OVERTAKEN:
        return "another change came after it"
    return f"it was answered with “{decision.get_status_display().lower()}”"


def _open_one_overtake(booking: Booking, supplier_id: int, now: datetime) -> None:
    for earlier in SlipDecision.objects.select_for_update().filter(booking=booking, status=SlipStatus.OPEN):
        earlier.booking = booking
        slip_close(decision=earlier, status=SlipStatus.OVERTAKEN, supplier_id=supplier_id, now=now)


def _locked(decision_id: UUID | str) -> SlipDecision:
    """Lock a question after its booking, as everybody does. Raises: SlipNotFound, Busy."""
    booking_id = SlipDecision.objects.filter(pk=decision_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise errors.SlipNotFound
    booking = booking_lock(booking_id=booking_id)
    decision = SlipDecision.objects.select_for_update().get(pk=decision_id)
    decision.booking = booking
    return decision
