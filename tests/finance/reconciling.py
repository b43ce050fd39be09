"""Reconciling money without waiting for what settles."""

from finance.models import MoneyReconciliationRun
from finance.services.reconciling import money_reconcile
from tests.finance.test_money_faults import LATER


def reconcile(now=LATER, **options) -> MoneyReconciliationRun:
    return money_reconcile(now=now, settle_s=0, **options)


def kinds(run) -> list[str]:
    return [finding["class"] for finding in run.findings]
