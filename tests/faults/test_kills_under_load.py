"""
Nothing lost, nothing twice, whatever is killed: every part of a whole site, with SIGKILL, while customers book.

`make faults` goes on killing at random for FAULTS_SECONDS; FAULTS_SEED repeats the order.
"""

import contextlib
import os
import random
import time
from collections.abc import Iterator
from io import StringIO
from statistics import median

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import services as account_services
from bench.seed import Fleet
from tests.factories import PASSWORD
from tests.faults.judge import assert_nothing_lost, figures
from tests.faults.kills import ORDER, Faults
from tests.faults.load import Load
from tests.faults.people import Person
from tests.faults.settling import settle
from tests.faults.site import Site, running_site

SECONDS = float(os.environ.get("FAULTS_SECONDS", "0"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
CLIENTS, PAUSE_S = (4, 0.2) if SECONDS else (2, 2.0)
SEATS = 120  # of each launch; four for each customer


@pytest.fixture
def site(transactional_db, postgres_server, mongo_servers) -> Iterator[Site]:
    with running_site(postgres=postgres_server, documents=mongo_servers) as here:
        yield here


@pytest.mark.race
def test_nothing_is_lost_and_nothing_happens_twice_whatever_is_killed(site, settings, record_property):
    fleet = Fleet()
    # The long form's first round takes some hundred seconds by itself.
    launches = [fleet.launch(SEATS) for _ in range(12 + (40 + int(SECONDS / 3) if SECONDS else 0))]
    people = [
        account_services.customer_create(
            email=f"customer{number}@faults.example",
            full_name=f"Customer {number}",
            password=PASSWORD,
            now=timezone.now(),
        )
        for number in range(SEATS // 4)
    ]
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2"]  # the site's
    reader = account_services.customer_create(
        email="grace@faults.example", full_name="Grace", password=PASSWORD, now=timezone.now()
    )
    person = Person(site.port, reader)
    person.sign_in()
    with contextlib.suppress(SystemExit):  # it says that there was something to repair
        call_command("reconcile", "--dataset", "offers", "--json", stdout=StringIO())  # of launches made without events
    load = Load(port=site.port, customers=people, launches=launches, clients=CLIENTS, pause_s=PAUSE_S, seed=SEED)
    faults = Faults(site, load, launches[0], person, random.Random(SEED), is_hurried=not SECONDS)

    began_at = time.monotonic()
    load.start()
    for kill in ORDER:
        kill(faults)
    while time.monotonic() - began_at < SECONDS:
        faults.choose.choice(ORDER)(faults)
    load.stop()
    settled_s = settle(site, is_hurried=not SECONDS)
    found = figures(site, load)
    lines = [f"{SECONDS:.0f} s, seed {SEED}, {len(faults.took_s)} kinds of kills", *found.lines()]
    lines += [
        f"{name:32}{len(took):4} kills, back after {median(took):6.2f} s (median), {max(took):6.2f} s (longest)"
        for name, took in faults.took_s.items()
    ]
    lines += [
        f"everything delivered and sent {settled_s:.1f} s after the load",
        f"{dict(load.tries)} {dict(load.refusals)}",
    ]
    record_property("table", "\n".join(lines))

    assert_nothing_lost(found, load, mails_cut=faults.mails_cut)
