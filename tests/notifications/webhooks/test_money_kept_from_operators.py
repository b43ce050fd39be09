"""Amounts that an endpoint once passed on stay the owner's, also when it passes none on any more."""

import pytest

from notifications.webhooks import errors, selectors, services
from tests.factories import MemberFactory
from tests.notifications.webhooks.builders import NOW, SOON, queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
URL = "http://127.0.0.1:9/hooks"


@pytest.fixture
def operator(owner):
    return MemberFactory(supplier=owner.supplier, role="operator")


@pytest.fixture
def once_about_money(endpoint, owner):
    """Make an endpoint that told of a payout, and tells of delays only since then."""
    made = endpoint(URL, event_types=("launch.delayed", "statement.paid_out"))
    (told,) = queue(made)
    told.message.event_type = "statement.paid_out"
    told.message.save()
    services.endpoint_change(actor=owner.user, endpoint_id=made.pk, event_types=["launch.delayed"], now=NOW)
    made.told = told
    return made


def test_an_operator_neither_sees_nor_takes_over_what_told_of_money(once_about_money, operator):
    actor, one = operator.user, once_about_money.pk

    assert selectors.endpoint_list(actor=actor).rows == []
    for refused in (
        lambda: selectors.endpoint_get(actor=actor, endpoint_id=one),
        lambda: selectors.delivery_get(actor=actor, endpoint_id=one, delivery_id=once_about_money.told.pk),
        lambda: services.endpoint_change(actor=actor, endpoint_id=one, url="http://127.0.0.1:10/mine", now=NOW),
        lambda: services.deliveries_replay(actor=actor, endpoint_id=one, since=NOW, which="all", now=SOON),
    ):
        with pytest.raises(errors.EndpointNotFound):
            refused()


def test_its_owner_goes_on_with_it(once_about_money, owner):
    found = selectors.endpoint_get(actor=owner.user, endpoint_id=once_about_money.pk)

    assert (found.is_own, found.endpoint.event_types) == (True, ["launch.delayed"])


def test_an_operator_has_it_when_nothing_about_money_is_kept_any_more(once_about_money, operator):
    once_about_money.told.delete()

    assert selectors.endpoint_get(actor=operator.user, endpoint_id=once_about_money.pk).is_own
