"""
No gateway is asked inside a transaction of ours: every test of this suite fails in which one was.

A test's own transaction does not count; Django marks its blocks. What was found is kept until the test ends, because a
job that catches every failure would swallow it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection

from finance.gateways.books import SandboxBooks
from finance.gateways.sandbox import SandboxGateway

CALLS = ("create", "confirm", "status", "abandon", "refund", "refund_status")
LISTS = ("charges_list", "refunds_list", "refunds_of")
found: list[str] = []  # since the latest test began


class AskedInTransactionError(AssertionError):
    """A gateway was asked while a transaction of ours was open: its locks would wait for the network."""


def install() -> None:
    """Watch the sandbox, in this process and those it forks."""
    _watch(SandboxGateway, CALLS)
    _watch(SandboxBooks, LISTS)


def install_stripe() -> None:
    """Watch Stripe too; apart, because its library is large and few tests need it."""
    from finance.gateways.stripe import StripeGateway  # noqa: PLC0415 - see above
    from finance.gateways.stripe_books import StripeBooks  # noqa: PLC0415 - see above

    _watch(StripeGateway, CALLS)
    _watch(StripeBooks, LISTS)


def _watch(owner: type, names: tuple[str, ...]) -> None:
    for name in names:
        call = getattr(owner, name)
        if not hasattr(call, "is_watched"):
            watched = _watched(call, f"{owner.__name__}.{name}")
            watched.is_watched = True  # type: ignore[attr-defined]
            setattr(owner, name, watched)


def _watched(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(call)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if any(not block._from_testcase for block in connection.atomic_blocks):
            found.append(name)
            raise AskedInTransactionError(f"{name} was called inside a transaction.")
        return call(*args, **kwargs)

    return watched
