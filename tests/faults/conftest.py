"""The mail server of the tests of messages."""

from tests.notifications.conftest import sink

__all__ = ["sink"]
