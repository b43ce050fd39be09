"""The status machine: every pair, who, when, why, and what each move leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest

from common import context
from common.models import OutboxEvent
from launches import errors, selectors, services
from launches.enums import LaunchStatus
from launches.models import Launch, LaunchHistory, LaunchSlug
from tests.launches.conftest import DEPARTURE, NOW

pytestmark = pytest.mark.django_db

LATER = DEPARTURE + timedelta(days=40)
FLOWN = LATER + timedelta(days=1)
# As domain.md says it; anything else is refused.
ALLOWED = {
    ("draft", "scheduled"),
    ("scheduled", "confirmed"),
    ("scheduled", "delayed"),
    ("confirmed", "delayed"),
    ("delayed", "delayed"),
    ("delayed", "confirmed"),
    ("scheduled", "aborted"),
    ("confirmed", "aborted"),
    ("delayed", "aborted"),
    ("confirmed", "launched"),
    ("delayed", "launched"),
    ("confirmed", "failed"),
    ("delayed", "failed"),
}
PAIRS = [(old, new) for old in LaunchStatus.values for new in LaunchStatus.values if new != "draft"]


def move(launch: Launch, wanted: str, *, actor=None, now: datetime | None = None) -> Launch:
    common = {"actor": actor, "launch_id": launch.pk, "now": now or NOW}
    if wanted in ("launched", "failed"):
        common["now"] = now or FLOWN
    if wanted == "scheduled":
        return services.launch_schedule(**common)
    if wanted == "confirmed":
        return services.launch_confirm(**common)
    if wanted == "delayed":
        return services.launch_delay(**common, departure_at=LATER, departure_precision="day", reason="Weather.")
    if wanted == "aborted":
        return services.launch_abort(**common, reason="Engine.")
    return services.launch_mark_flown(**common, outcome=wanted, reason="Engine." if wanted == "failed" else "")


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=[f"{old}-{new}" for old, new in PAIRS])
def test_each_pair_of_statuses_moves_or_is_refused_with_a_sentence(make_launch, old, new):
    launch = make_launch(old)
    before = (Launch.objects.values().get(), OutboxEvent.objects.count(), LaunchHistory.objects.count())

    if (old, new) in ALLOWED:
        moved = move(launch, new)

        assert moved.status == new
        assert moved.version == before[0]["version"] + 1
        assert OutboxEvent.objects.latest("id").payload["version"] == moved.version
    else:
        with pytest.raises(errors.LaunchMoveRefused) as refused:
            move(launch, new)

        assert refused.value.message.startswith(f"From {old} to {new} is not possible: ")
        assert (Launch.objects.values().get(), OutboxEvent.objects.count(), LaunchHistory.objects.count()) == before


def test_delay_keeps_the_old_address_as_a_redirect_and_writes_history(make_launch, people):
    launch = make_launch(departure_precision="day")
    old = launch.slug

    with context.scope(origin="api"):
        delayed = services.launch_delay(
            actor=people["operator"],
            launch_id=launch.pk,
            departure_at=LATER,
            departure_precision="quarter",
            reason="  Range   not ready. ",
            now=NOW,
        )

    assert old == "new-shepard-corn-ranch-suborbital-2027-03-14"
    assert delayed.slug == "new-shepard-corn-ranch-suborbital-2027-q2"
    page = selectors.launch_ground(slug=old)
    assert (page.id, page.is_old_address) == (launch.pk, True)
    assert selectors.launch_ground(slug=delayed.slug).is_old_address is False
    rows = {row.field: row for row in LaunchHistory.objects.filter(reason="Range not ready.")}
    assert set(rows) == {"status", "departure_at", "departure_precision", "reason", "slug"}
    departure = rows["departure_at"]
    assert (departure.old_value, departure.new_value) == (DEPARTURE.isoformat(), LATER.isoformat())
    assert (departure.actor, departure.origin, departure.changed_at) == (people["operator"], "api", NOW)
    event = OutboxEvent.objects.latest("id")
    assert event.name == "launches.launch.delayed"
    assert event.payload["old_departure_precision"] == "day"
    assert event.actor_id == people["operator"].pk


def test_a_coarser_date_in_the_same_month_changes_the_address(make_launch):
    launch = make_launch()

    delayed = services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=DEPARTURE + timedelta(days=1),
        departure_precision="month",
        reason="Weather.",
        now=NOW,
    )

    assert delayed.slug == "new-shepard-corn-ranch-suborbital-2027-03"


def test_a_launch_that_returns_to_an_earlier_address_gets_it_back(make_launch):
    launch = make_launch(departure_precision="month")
    first = launch.slug
    days = {"actor": None, "launch_id": launch.pk, "reason": "Weather.", "now": NOW}
    services.launch_delay(**days, departure_at=DEPARTURE + timedelta(days=1), departure_precision="day")

    back = services.launch_delay(**days, departure_at=DEPARTURE + timedelta(days=2), departure_precision="month")

    assert back.slug == first
    assert list(LaunchSlug.objects.values_list("slug", flat=True)) == [f"{first}-15"]


def test_namesakes_get_numbers_also_against_old_addresses(make_launch):
    first, second = make_launch(), make_launch()
    services.launch_delay(
        actor=None, launch_id=first.pk, departure_at=LATER, departure_precision="day", reason="Weather.", now=NOW
    )

    third = make_launch()

    assert second.slug == f"{first.slug}-2"
    assert third.slug == f"{first.slug}-3"


@pytest.mark.parametrize("shift", [timedelta(0), -timedelta(hours=1)])
def test_delay_to_no_later_time_is_refused(make_launch, shift):
    launch = make_launch()

    with pytest.raises(errors.DepartureNotLater, match="14 Mar 2027"):
        services.launch_delay(
            actor=None,
            launch_id=launch.pk,
            departure_at=DEPARTURE + shift,
            departure_precision="day",
            reason="Weather.",
            now=NOW,
        )

    assert Launch.objects.get().departure_at == DEPARTURE


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "a\0b"], ids=["empty", "blank", "long", "nul"])
@pytest.mark.parametrize("wanted", ["delayed", "aborted", "failed"])
def test_moves_that_people_are_told_of_need_a_reason(make_launch, wanted, reason):
    launch = make_launch("confirmed")
    common = {"actor": None, "launch_id": launch.pk, "reason": reason}
    calls = {
        "delayed": lambda: services.launch_delay(**common, departure_at=LATER, departure_precision="day", now=NOW),
        "aborted": lambda: services.launch_abort(**common, now=NOW),
        "failed": lambda: services.launch_mark_failed(**common, now=FLOWN),
    }

    with pytest.raises(errors.ReasonMissing):
        calls[wanted]()

    assert Launch.objects.get().status == "confirmed"


@pytest.mark.parametrize("outcome", ["launched", "failed"])
def test_a_flight_ends_only_after_its_departure(make_launch, outcome):
    launch = make_launch("confirmed")

    with pytest.raises(errors.DepartureNotReached, match="14 Mar 2027"):
        move(launch, outcome, now=DEPARTURE - timedelta(seconds=1))

    assert move(launch, outcome, now=DEPARTURE).status == outcome


def test_an_unapproved_supplier_publishes_nothing(make_launch, supplier):
    launch = make_launch("draft")
    services.supplier_suspend(actor=None, supplier_id=supplier.pk, reason="Papers.")

    with pytest.raises(errors.SupplierNotApproved, match="Blue Carriers"):
        move(launch, "scheduled")

    assert Launch.objects.get().status == "draft"


def test_a_past_departure_is_not_published(make_launch):
    launch = make_launch("draft", departure_at=datetime(2027, 1, 1, tzinfo=UTC))

    with pytest.raises(errors.DepartureInPast):
        move(launch, "scheduled")


def test_only_drafts_are_deleted(make_launch):
    draft, published = make_launch("draft"), make_launch("scheduled")

    services.launch_draft_delete(actor=None, launch_id=draft.pk)
    with pytest.raises(errors.LaunchMoveRefused, match="Only a draft"):
        services.launch_draft_delete(actor=None, launch_id=published.pk)

    assert Launch.objects.get() == published
    assert OutboxEvent.objects.latest("id").name == "launches.launch.deleted"


def test_changes_of_texts_and_price_count_as_a_version(make_launch):
    launch = make_launch()

    changed = services.launch_change(actor=None, launch_id=launch.pk, description="Windows.", now=NOW)
    again = services.launch_change(actor=None, launch_id=launch.pk, description="Windows.", now=NOW)

    assert changed.version == again.version == launch.version + 1
    assert OutboxEvent.objects.filter(name="launches.launch.changed").count() == 1


def test_what_is_over_does_not_change(make_launch):
    launch = make_launch("aborted")

    with pytest.raises(errors.LaunchMoveRefused, match="aborted"):
        services.launch_change(actor=None, launch_id=launch.pk, description="x", now=NOW)
