"""Writes of what is offered: one public function a business action; every door calls the same one."""

from launches.services.correcting import referred_tell
from launches.services.drafts import launch_draft_change
from launches.services.feed_files import FileReport, feed_file_import
from launches.services.feed_import import Outcome, RecordResult
from launches.services.feed_options import FeedOptions
from launches.services.moves import (
    launch_abort,
    launch_confirm,
    launch_delay,
    launch_mark_failed,
    launch_mark_flown,
    launch_mark_launched,
    launch_schedule,
)
from launches.services.planning import launch_change, launch_draft, launch_draft_delete
from launches.services.reference import reference_data_load, reference_suppliers_load
from launches.services.rockets import rocket_create
from launches.services.seats import launch_seats_add, launch_seats_block, launch_seats_open
from launches.services.selling import launch_seats_lock, launch_share_lock, launch_sharing
from launches.services.suppliers import (
    supplier_approve,
    supplier_create,
    supplier_member_add,
    supplier_suspend,
)
from launches.services.viability import launch_viability_decide

__all__ = [
    "FeedOptions",
    "FileReport",
    "Outcome",
    "RecordResult",
    "feed_file_import",
    "launch_abort",
    "launch_change",
    "launch_confirm",
    "launch_delay",
    "launch_draft",
    "launch_draft_change",
    "launch_draft_delete",
    "launch_mark_failed",
    "launch_mark_flown",
    "launch_mark_launched",
    "launch_schedule",
    "launch_seats_add",
    "launch_seats_block",
    "launch_seats_lock",
    "launch_seats_open",
    "launch_share_lock",
    "launch_sharing",
    "launch_viability_decide",
    "reference_data_load",
    "reference_suppliers_load",
    "referred_tell",
    "rocket_create",
    "supplier_approve",
    "supplier_create",
    "supplier_member_add",
    "supplier_suspend",
]
