"""Locks on launches and seats: real connections against each other."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from common.errors import Busy
from launches import errors, services
from launches.models import Launch, LaunchSeat
from tests.factories import SupplierFactory
from tests.launches.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(call: Callable[[], object]) -> object:
    """Run on a connection of its own that waits a tenth of a second for locks; return the answer or the failure."""
    answers: list[object] = []

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            with transaction.atomic():
                answers.append(call())
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    return answers[0]


def abort(launch: Launch) -> object:
    return elsewhere(lambda: services.launch_abort(actor=None, launch_id=launch.pk, reason="Engine.", now=NOW))


def share(launch: Launch) -> object:
    return elsewhere(lambda: services.launch_share_lock(launch_id=launch.pk))


def test_sellers_share_a_launch_and_keep_changes_out(make_launch):
    launch = make_launch()

    with transaction.atomic():
        brief = services.launch_share_lock(launch_id=launch.pk)
        assert share(launch) == brief
        assert isinstance(abort(launch), Busy)

    assert abort(launch).status == "aborted"


def test_a_change_keeps_sellers_out(make_launch):
    launch = make_launch()

    with transaction.atomic():
        services.launch_abort(actor=None, launch_id=launch.pk, reason="Engine.", now=NOW)
        assert isinstance(share(launch), Busy)

    assert share(launch).is_on_sale is False


def test_without_the_lock_the_change_gets_through(make_launch):
    """The control: what the two tests above see is the lock's doing."""
    launch = make_launch()

    with transaction.atomic():
        Launch.objects.get(pk=launch.pk)
        assert abort(launch).status == "aborted"


def test_seats_are_locked_one_by_one(make_launch):
    launch = make_launch()
    first, second, third, _ = (seat.pk for seat in LaunchSeat.objects.filter(launch=launch).order_by("pk"))

    def lock(*ids: int, **how: bool) -> object:
        return elsewhere(
            lambda: [seat.pk for seat in services.launch_seats_lock(launch_id=launch.pk, seat_ids=ids, **how)]
        )

    with transaction.atomic():
        locked = services.launch_seats_lock(launch_id=launch.pk, seat_ids=[second, first])
        assert [seat.pk for seat in locked] == [first, second]
        assert lock(third) == [third]
        assert isinstance(lock(second, third), Busy)
        assert lock(second, third, skip_locked=True) == [third]


def test_seats_of_other_launches_are_left_out(make_launch):
    launch, other = make_launch(), make_launch()
    strange = LaunchSeat.objects.filter(launch=other).order_by("pk").first()

    with transaction.atomic():
        assert services.launch_seats_lock(launch_id=launch.pk, seat_ids=[strange.pk, -1, 2**70]) == []
        for unknown in (0, 2**62, 2**70):
            with pytest.raises(errors.LaunchNotFound):
                services.launch_share_lock(launch_id=unknown)


def test_seats_are_asked_for_in_order(make_launch, django_assert_num_queries):
    launch = make_launch()
    ids = [seat.pk for seat in launch.seats.all()]

    with transaction.atomic(), django_assert_num_queries(1) as captured:
        services.launch_seats_lock(launch_id=launch.pk, seat_ids=reversed(ids))

    sql = captured.captured_queries[0]["sql"]
    assert 'ORDER BY "launches_launchseat"."id" ASC FOR UPDATE OF "launches_launchseat"' in sql


def test_two_namesakes_drafted_at_once_get_two_addresses(plan):
    # Two suppliers fly rockets of one name, so nothing but the address ties these drafts together.
    rival = SupplierFactory()
    twin = services.rocket_create(actor=None, supplier_id=rival.pk, name="New Shepard", range="suborbital", seats=6)

    def draft() -> object:
        return elsewhere(lambda: services.launch_draft(**plan | {"supplier_id": rival.pk, "rocket_id": twin.pk}))

    with transaction.atomic():
        first = services.launch_draft(**plan)
        assert isinstance(draft(), Busy)

    assert draft().slug == f"{first.slug}-2"
