"""Who is told of what."""

from dataclasses import replace

import pytest
from django.core import mail as django_mail

from launches.models import Launch, SupplierMember
from notifications import handlers, services
from tests.notifications.builders import (
    cancelled,
    confirmed,
    make_booking,
    make_it,
    make_user,
    rows,
)
from tests.notifications.happenings import failed_refund, launch_event, money_event
from tests.notifications.told import receivers, send_all

pytestmark = pytest.mark.django_db


def test_a_booking_is_told_to_its_customer_and_the_launch_desk(world, ada):
    for role in ("operator", "finance", "gate"):
        user = make_user(f"{role}@red-rock.example", kind="supplier")
        SupplierMember.objects.create(supplier=world.supplier, user=user, role=role)
    other = make_user("other@example.org")
    make_booking(world, other)

    handlers.event_tell(confirmed(make_booking(world, ada)))

    assert receivers() == [
        ("booking_confirmed", "ada@example.org"),
        ("supplier_booking_confirmed", "operator@red-rock.example"),
        ("supplier_booking_confirmed", "owner@red-rock.example"),
    ]


def test_a_batch_about_many_launches_is_enqueued_in_portions(world, monkeypatch):
    """A batch of 500 new launches, each told to thousands of VIPs, would else fill the memory."""
    for number in range(3):
        vip = make_user(f"vip-{number}@example.org")
        make_booking(world, vip)
        make_booking(world, vip, status="completed")
    monkeypatch.setattr(handlers, "AT_ONCE", 3)
    enqueue, portions = services.notifications_enqueue, []

    def counted(*, drafts, now):
        portions.append(len(drafts))
        return enqueue(drafts=drafts, now=now)

    monkeypatch.setattr(services, "notifications_enqueue", counted)
    first, second = (replace(launch_event(world, "scheduled"), id=number) for number in (1, 2))

    handlers.events_tell([first, second])
    handlers.events_tell([first, second])

    assert portions == [3, 3, 2] * 2
    assert [name for name, _ in receivers()] == ["launch_scheduled"] * 6 + ["supplier_launch_moved"] * 2


def test_a_supplier_without_members_is_told_at_its_contact_address(world, ada):
    SupplierMember.objects.all().delete()

    handlers.event_tell(confirmed(make_booking(world, ada)))

    assert ("supplier_booking_confirmed", "desk@red-rock.example") in receivers()


def test_a_scheduled_launch_is_told_to_vips_alone(world, ada):
    vip = make_user("vip@example.org")
    make_booking(world, vip)
    make_booking(world, vip, status="completed")
    make_booking(world, ada)
    make_booking(world, ada, status="cancelled")

    handlers.event_tell(launch_event(world, "scheduled"))

    assert receivers() == [
        ("launch_scheduled", "vip@example.org"),
        ("supplier_launch_moved", "owner@red-rock.example"),
    ]


@pytest.mark.parametrize(
    ("what", "status", "template"),
    [("confirmed", "confirmed", "launch_confirmed"), ("launched", "launched", "launch_launched")],
)
def test_a_moved_launch_is_told_once_to_everybody_booked(world, ada, what, status, template):
    Launch.objects.update(status=status)
    make_booking(world, ada)
    make_booking(world, ada)
    make_booking(world, make_user("gone@example.org"), status="cancelled", cancel_cause="customer")

    handlers.event_tell(launch_event(world, what))

    assert receivers() == [(template, "ada@example.org"), ("supplier_launch_moved", "owner@red-rock.example")]


@pytest.mark.parametrize("what", ["aborted", "failed"])
def test_an_aborted_launch_is_told_to_customers_booking_by_booking(world, ada, what):
    Launch.objects.update(status=what, reason="A leak.")
    booking = make_booking(world, ada, status="cancelled", cancel_cause="supplier", refund_amount=250_000)

    handlers.event_tell(launch_event(world, what, reason="A leak."))
    handlers.event_tell(cancelled(booking, cause="supplier", reason="A leak.", refund_amount="250000"))

    assert receivers() == [
        ("booking_cancelled", "ada@example.org"),
        ("supplier_launch_moved", "owner@red-rock.example"),
    ]
    send_all()
    text = next(one.body for one in django_mail.outbox if one.to == ["ada@example.org"])
    assert "Reason given: A leak." in text
    assert "You get back: $250,000" in text
    assert ("was launched and failed" in text) == (what == "failed")
    assert ("has aborted" in text) == (what == "aborted")


def test_only_a_changed_date_is_told_to_the_booked(world, ada):
    make_booking(world, ada)

    handlers.event_tell(launch_event(world, "changed", fields=["description", "price_amount"]))
    assert receivers() == []
    handlers.event_tell(launch_event(world, "changed", fields=["departure_at"]))
    assert receivers() == [("launch_date_changed", "ada@example.org")]


def test_a_failed_refund_is_told_to_finance_and_without_finance_to_admins(world, ada):
    booking = make_booking(world, ada)
    make_it()
    boss = make_user("boss@example.org", kind="employee", employee_role="admin")
    happened = money_event(booking, "refund.failed", refund_id=str(failed_refund(booking).pk), error="No such card")

    handlers.event_tell(happened)
    assert receivers() == [("staff_refund_failed", boss.email)]
    rows().delete()
    make_user("money@example.org", kind="employee", employee_role="finance")
    handlers.event_tell(happened)
    assert receivers() == [("staff_refund_failed", "money@example.org")]
