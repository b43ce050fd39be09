from datetime import timedelta

import pytest

from bookings.models import Hold, SeatClaim
from launches import services as launch_services
from launches.models import LaunchSeat
from tests.factories import UserFactory, make_hold, make_pending
from tests.portals.customer.conftest import title, words

pytestmark = pytest.mark.django_db


def address(launch) -> str:
    return f"/launches/{launch.slug}/"


def seat_ids(launch, *labels) -> list[int]:
    return [LaunchSeat.objects.get(launch=launch, label=label).pk for label in labels]


def test_shows_the_flight_with_policy_in_amounts_and_dates(client, make_launch, now):
    launch = make_launch(departure_at=now.replace(year=now.year + 2, month=7, day=14, hour=14, minute=30))

    page = words(client.get(address(launch)))

    assert f"14 Jul {now.year + 2}, 09:30 CDT" in page
    assert f"Cancel by 14 July {now.year + 1} : you get $405,000 of $450,000 a seat back (90 %)" in page
    assert f"Cancel by 14 April {now.year + 2} : you get $315,000 of $450,000 a seat back (70 %)" in page
    assert "$450,000 a seat, everything included" in page


def test_shows_the_readers_own_time_only_where_there_is_a_clock_time(client, make_launch):
    exact, vague = make_launch(), make_launch(departure_precision="month")

    assert "data-reader-time" in client.get(address(exact)).content.decode()
    assert "data-reader-time" not in client.get(address(vague)).content.decode()


def test_an_old_address_leads_to_the_present_one(client, make_launch, now):
    launch = make_launch()
    old = launch.slug
    launch_services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=launch.departure_at + timedelta(days=60),
        departure_precision="minute",
        reason="Weather",
        now=now,
    )
    launch.refresh_from_db()

    answer = client.get(f"/launches/{old}/?seats=7")

    assert answer.status_code == 301
    assert answer["Location"] == f"/launches/{launch.slug}/?seats=7"


@pytest.mark.parametrize("slug", ["nothing-here", "a%00b"])
def test_an_unknown_address_or_a_draft_is_404(client, make_launch, slug):
    draft = make_launch(status="draft")

    assert client.get(f"/launches/{slug}/").status_code == 404
    assert client.get(address(draft)).status_code == 404


def test_a_delay_is_told_with_old_date_new_date_and_reason(client, make_launch, now):
    launch = make_launch()
    before = launch.departure_text
    launch_services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=launch.departure_at + timedelta(days=90),
        departure_precision="month",
        reason="The heat shield is inspected once more.",
        now=now,
    )
    launch.refresh_from_db()

    page = words(client.get(address(launch)))

    assert f"It departs {launch.departure_text} instead of {before}." in page
    assert "The heat shield is inspected once more." in page


def test_a_delay_that_nobody_could_tell_is_not_told_as_another_date(client, make_launch, now):
    launch = make_launch(departure_at=now.replace(year=now.year + 2, month=2, day=1), departure_precision="year")
    launch_services.launch_delay(
        actor=None,
        launch_id=launch.pk,
        departure_at=launch.departure_at + timedelta(days=90),
        departure_precision="year",
        reason="Weather",
        now=now,
    )
    launch.refresh_from_db()

    page = words(client.get(address(launch)))

    assert f"It departs no earlier than {now.year + 2}. Reason: Weather" in page


def test_the_flight_is_drawn_to_where_it_goes_not_as_far_as_the_rocket_could(client, make_launch):
    launch = make_launch()  # to the edge of space
    launch.rocket.range = "moon"
    launch.rocket.save()

    page = words(client.get(address(launch)))

    assert "back to the ground" in page
    assert "Moon" not in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("aborted", "This launch was called off"),
        ("launched", "This launch has flown"),
        ("failed", "This launch left and failed"),
    ],
)
def test_a_launch_that_is_over_says_so_and_sells_nothing(client, make_launch, status, sentence):
    launch = make_launch(status=status, reason="A reason.")

    answer = client.get(address(launch))

    assert sentence in words(answer)
    assert 'name="seats"' not in answer.content.decode()


def test_a_sold_out_launch_offers_others(client, make_launch, book):
    launch = make_launch(seats=1)
    book(launch)

    answer = client.get(address(launch))

    assert "All seats are sold or held." in words(answer)
    assert 'name="seats"' not in answer.content.decode()


def test_choosing_seats_holds_them(vera, make_launch):
    launch = make_launch()

    answer = vera.post(f"{address(launch)}seats/", {"seats": seat_ids(launch, "A1", "B1")})

    hold = Hold.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/book/{hold.pk}/passengers/"
    assert sorted(claim.launch_seat.label for claim in hold.claims.all()) == ["A1", "B1"]


def test_the_best_seats_are_held_for_a_party(vera, make_launch):
    launch = make_launch()

    vera.post(f"{address(launch)}seats/", {"party": "2"})

    assert sorted(claim.launch_seat.label for claim in SeatClaim.objects.all()) == ["A1", "B1"]


def test_choosing_twice_keeps_one_hold(vera, make_launch):
    launch = make_launch()
    chosen = {"seats": seat_ids(launch, "A1")}

    vera.post(f"{address(launch)}seats/", chosen)
    vera.post(f"{address(launch)}seats/", chosen)

    assert Hold.objects.filter(status="open").count() == 1


def test_a_stranger_signs_in_and_comes_back_with_the_seats_ticked(client, vera, make_launch):
    launch = make_launch()
    chosen = seat_ids(launch, "A2", "B2")

    answer = client.post(f"{address(launch)}seats/", {"seats": chosen})

    assert answer.status_code == 302
    back = f"{address(launch)}?seats={chosen[0]}&seats={chosen[1]}"
    assert answer["Location"].startswith("/accounts/sign-in/?next=")
    assert f"seats%3D{chosen[0]}%26seats%3D{chosen[1]}%23seats" in answer["Location"]
    assert Hold.objects.count() == 0
    ticked = [seat.label for seat in vera.get(back).context["sight"].seats if seat.is_mine]
    assert ticked == ["A2", "B2"]
    assert "Sign in to hold your seats. Your choice is kept." in words(client.get(answer["Location"]))


def test_a_stranger_who_chose_nothing_is_told_before_signing_in(client, make_launch):
    launch = make_launch()

    answer = client.post(f"{address(launch)}seats/", {}, follow=True)

    assert answer.redirect_chain[-1][0] == f"{address(launch)}#seats"
    assert "Choose at least one seat" in words(answer)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Choose at least one seat"),
        ({"seats": ["abc"]}, "does not belong to this launch"),
        ({"seats": ["99999999999999999999"]}, "does not belong to this launch"),
        ({"seats": ["999999"]}, "does not belong to this launch"),
        ({"party": "-1"}, "Choose at least one seat"),
        ({"party": "0"}, "Choose at least one seat"),
        ({"party": "5"}, "at most 4 seats on one launch"),
    ],
)
def test_a_choice_that_cannot_be_held_is_told_and_nothing_is_held(vera, make_launch, said, sentence):
    launch = make_launch()

    answer = vera.post(f"{address(launch)}seats/", said, follow=True)

    assert sentence in words(answer)
    assert Hold.objects.count() == 0


def test_seats_that_somebody_took_meanwhile_are_named_and_the_others_stay_ticked(vera, make_launch, now):
    launch = make_launch()
    make_hold(launch=launch, now=now)  # takes A1

    answer = vera.post(f"{address(launch)}seats/", {"seats": seat_ids(launch, "A1", "B1")}, follow=True)

    assert "Taken by somebody else a moment ago: A1" in words(answer)
    assert [seat.label for seat in answer.context["sight"].seats if seat.is_mine] == ["B1"]
    assert Hold.objects.filter(customer=vera.user).count() == 0


def test_own_held_seats_are_ticked_and_own_sold_ones_are_not_for_choice(vera, make_launch, book, now):
    launch = make_launch()
    book(launch, customer=vera.user)  # A1
    make_hold(launch=launch, customer=vera.user, now=now)  # B1

    sight = vera.get(address(launch)).context["sight"]

    assert [(seat.label, seat.state) for seat in sight.seats[:3]] == [("A1", "booked"), ("B1", "mine"), ("A2", "free")]
    assert sight.room == 3
    assert not sight.seats[0].is_selectable


def test_a_booking_that_waits_for_payment_leads_on_to_it(vera, make_launch, now):
    launch = make_launch()
    booking = make_pending(launch=launch, customer=vera.user, now=now)

    answer = vera.get(address(launch))

    assert f"/book/{booking.reference}/check/" in answer.content.decode()
    assert answer.context["sight"].seats[0].state == "waiting"


def test_who_has_all_the_seats_allowed_is_told(vera, make_launch, book):
    launch = make_launch()
    book(launch, customer=vera.user, seats=4)

    page = words(vera.get(address(launch)))

    assert "More than 4 cannot be booked by one customer." in page


@pytest.mark.parametrize("role", ["owner", "support"])
def test_others_see_the_cabin_but_cannot_hold(visitor, make_launch, role):
    launch = make_launch()
    client = visitor(role)

    assert "Sign in with a customer account" in words(client.get(address(launch)))
    assert client.post(f"{address(launch)}seats/", {"party": "1"}).status_code == 403
    assert Hold.objects.count() == 0


def test_the_title_says_what_to_do(client, make_launch):
    assert title(client.get(address(make_launch()))).startswith("Choose your seats: ")


def test_a_held_seat_of_somebody_else_is_free_the_instant_its_hold_lapses(client, make_launch, now):
    launch = make_launch()
    make_hold(launch=launch, customer=UserFactory(), now=now - timedelta(minutes=16))

    assert client.get(address(launch)).context["sight"].seats[0].state == "free"


def test_a_choice_takes_the_place_of_the_seats_held_before(vera, make_launch, now):
    launch = make_launch()
    make_hold(launch=launch, customer=vera.user, now=now)  # A1
    chosen = seat_ids(launch, "A2", "B2")

    back = vera.get(f"{address(launch)}?seats={chosen[0]}&seats={chosen[1]}")

    seats = back.context["sight"].seats
    assert [seat.label for seat in seats if seat.is_mine] == ["A2", "B2"], "two were chosen, not three"
    assert [seat.state for seat in seats if seat.label == "A1"] == ["free"], "it can be chosen again"


def test_who_holds_seats_in_too_many_places_is_told_and_the_choice_stays_ticked(vera, make_launch, now, settings):
    settings.HOLDS_PER_CUSTOMER = 2
    launch = make_launch()
    for _ in range(2):
        make_hold(launch=make_launch(), customer=vera.user, now=now)

    answer = vera.post(f"{address(launch)}seats/", {"seats": seat_ids(launch, "A2", "B2")}, follow=True)

    assert "You are holding seats in too many places at once. Pay or give back what you hold" in words(answer)
    assert [seat.label for seat in answer.context["sight"].seats if seat.is_mine] == ["A2", "B2"]
    assert not Hold.objects.filter(launch=launch).exists()
