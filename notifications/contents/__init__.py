"""What each message says: by the template's name, a function from the kept facts to the templates' values."""

from notifications.contents import accounts, bookings, changes, launches, money, moving, operations, waiting
from notifications.contents.letter import Letter, Maker, Reader

MAKERS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        accounts.email_confirmation,
        accounts.already_registered,
        accounts.account_created,
        accounts.password_reset,
        accounts.password_changed,
        accounts.new_sign_in,
        accounts.second_factor_enrolled,
        accounts.second_factor_reset,
        accounts.recovery_code_used,
        launches.launch_scheduled,
        launches.launch_confirmed,
        launches.launch_delayed,
        launches.launch_date_changed,
        accounts.address_bounced,
        launches.launch_launched,
        launches.supplier_launch_moved,
        launches.supplier_viability_warning,
        launches.supplier_approved,
        launches.supplier_suspended,
        bookings.booking_confirmed,
        bookings.supplier_booking_confirmed,
        changes.booking_changed,
        changes.supplier_booking_changed,
        changes.hold_lapsing,
        bookings.booking_cancelled,
        bookings.supplier_booking_cancelled,
        bookings.invoice_issued,
        bookings.credit_note_issued,
        bookings.payment_returned,
        bookings.refund_succeeded,
        bookings.staff_payment_returned,
        bookings.staff_refund_failed,
        waiting.waiting_offered,
        waiting.waiting_closed,
        waiting.purchase_called_off,
        money.supplier_invoice_issued,
        money.staff_supplier_invoice_issued,
        money.supplier_invoice_overdue,
        money.staff_invoice_overdue,
        money.staff_day_summed_up,
        money.supplier_statement_issued,
        money.staff_statement_issued,
        money.supplier_paid_out,
        moving.booking_moved,
        moving.supplier_booking_moved,
        moving.slip_opened,
        moving.slip_reminded,
        moving.slip_kept,
        operations.staff_drift_found,
        operations.staff_drift_left,
        operations.staff_event_parked,
        operations.staff_job_keeps_failing,
        operations.staff_money_differences,
        operations.staff_audit_broken,
        operations.staff_wording_broke,
        operations.webhook_paused,
    )
}

# Their link leads to the trip of whom they are to; those of all others are the same for everybody they go to.
LINKED_BY_RECEIVER = frozenset({"launch_confirmed", "launch_delayed", "launch_date_changed", "launch_launched"})

__all__ = ["LINKED_BY_RECEIVER", "MAKERS", "Letter", "Maker", "Reader"]
