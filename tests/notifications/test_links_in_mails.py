"""Links that open an account: in the mail alone, and good for what it says."""

import pytest

from tests.notifications.builders import (
    event,
    make_user,
    rows,
)
from tests.notifications.told import html_of, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "template"),
    [("confirmation_requested", "email_confirmation"), ("password_reset_requested", "password_reset")],
)
def test_a_link_that_opens_an_account_stands_in_the_mail_alone(name, template, caplog):
    user = make_user("ada@example.org", email_confirmed_at=None)

    found = told(event(f"accounts.user.{name}", user_id=user.pk), template)

    link = next(line for line in found.body.splitlines() if line.startswith("http://testserver/accounts/"))
    token = link.rstrip("/").rpartition("/")[2]
    assert len(token) > 20
    assert link in html_of(found)
    (row,) = rows().values()
    assert token not in str(row)
    assert "/accounts/confirm" not in str(row)
    assert "/accounts/password" not in str(row)
    assert token not in caplog.text


def test_a_link_in_the_mail_really_opens_what_it_says(client):
    user = make_user("ada@example.org", email_confirmed_at=None)
    asked = event("accounts.user.password_reset_requested", user_id=user.pk)

    found = told(asked, "password_reset")

    link = next(line for line in found.body.splitlines() if line.startswith("http://testserver/"))
    assert client.get(link.removeprefix("http://testserver"), follow=True).status_code == 200
