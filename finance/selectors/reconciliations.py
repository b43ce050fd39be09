"""Reads of what the reconciliations of money found."""

from typing import TYPE_CHECKING

from finance import errors
from finance.models import MoneyReconciliationRun
from finance.selectors.ledger import reader_check

if TYPE_CHECKING:
    from accounts.models import User


def money_run_list(*, actor: "User", limit: int, before_id: int | None = None) -> list[MoneyReconciliationRun]:
    """Return the latest runs, below an id where one is given, with who started them. Raises: Forbidden."""
    reader_check(actor)
    rows = MoneyReconciliationRun.objects.select_related("actor").defer("findings").order_by("-pk")
    return list((rows if before_id is None else rows.filter(pk__lt=before_id))[:limit])


def money_run_get(*, actor: "User", run_id: int) -> MoneyReconciliationRun:
    """Return a run with its findings. Raises: Forbidden, MoneyReconciliationNotFound."""
    reader_check(actor)
    run = MoneyReconciliationRun.objects.select_related("actor").filter(pk=run_id).first()
    if run is None:
        raise errors.MoneyReconciliationNotFound
    return run
