"""The one table of all messages: nothing forgotten, nothing invented."""

import dataclasses
import inspect
from importlib import import_module

import pytest
from django.template import loader

from common import outbox_consumers
from notifications import catalogue, handlers
from notifications.contents import MAKERS

PACKAGES = ("common", "accounts", "launches", "bookings", "finance", "documents", "notifications")


def all_events() -> set[str]:
    names = set()
    for package in PACKAGES:
        module = import_module(f"{package}.events")
        for _, kind in inspect.getmembers(module, dataclasses.is_dataclass):
            if "name" in vars(kind):
                names.add(kind.name)
    return names


def test_every_event_has_a_message_or_a_reason_for_none():
    told = {rule.event for rule in catalogue.RULES}

    assert len(all_events()) >= 25
    assert told | set(catalogue.SILENT) == all_events()
    assert told & set(catalogue.SILENT) == set()


def test_every_event_is_heard():
    assert (outbox_consumers.ANY, handlers.events_tell) in outbox_consumers._batch_handlers["notifications"]


def test_every_message_can_be_made():
    assert set(MAKERS) == set(catalogue.templates())


@pytest.mark.parametrize("template", sorted(MAKERS))
@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
def test_every_message_has_its_templates(template, part):
    assert loader.get_template(f"notifications/mail/en/{template}/{part}")


def test_no_event_tells_the_same_people_the_same_thing_in_two_rules():
    pairs = [(rule.event, rule.template, rule.to) for rule in catalogue.RULES]

    assert len(pairs) == len(set(pairs))
