"""Whoever registers with somebody else's address has us say nothing of theirs to them."""

import pytest

from tests.notifications.builders import event, make_user
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db
TYPED = "You won, see http://prize.example/"


@pytest.mark.parametrize(
    ("name", "template"),
    [("confirmation_requested", "email_confirmation"), ("password_reset_requested", "password_reset")],
)
def test_a_name_that_a_stranger_may_have_typed_is_not_said(name, template):
    victim = make_user("victim@example.org", full_name=TYPED, email_confirmed_at=None)

    found = told(event(f"accounts.user.{name}", user_id=victim.pk), template)

    assert "prize.example" not in found.body + html_of(found) + found.subject
    assert "Hello," in found.body


def test_who_has_confirmed_the_address_is_called_by_name():
    owner = make_user("ada@example.org", full_name="Ada Example")

    found = told(event("accounts.user.password_reset_requested", user_id=owner.pk), "password_reset")

    assert "Hello Ada Example," in found.body
