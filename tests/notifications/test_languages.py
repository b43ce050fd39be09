"""Messages in the language of their reader: nothing left out, nothing left in English."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import engines

from accounts.enums import Language
from common.dates import day_text, departure_text, moment_text
from common.money import format_money
from launches.models import Launch
from notifications import catalogue, handlers, selectors
from notifications.contents import phrases
from tests.notifications.builders import DEPARTURE, NOW, confirmed, event, make_booking, make_it, make_user, make_world
from tests.notifications.happenings import delayed, every_event, launch_event
from tests.notifications.told import html_of, send_all, told

MAIL = Path(engines["django"].engine.get_template("notifications/mail/base.html").origin.name).parent
PARTS = ("subject.txt", "body.txt", "body.html")
FILES = sorted(str(path.relative_to(MAIL / "en")) for path in (MAIL / "en").rglob("*.*"))
ENGLISH = re.compile(
    r"\b(the|your|you|we|and|with|was|were|from|this|that|will|have|not|it|its|to|of|by|for|is|are|seats?|launch|booking"
    r"|January|February|March|April|June|July|August|October|December|about|earlier)\b",
    re.IGNORECASE,
)


def spoken(text: str) -> list[str]:
    """Return the runs of words of a template, without tags, values and markup."""
    bare = re.sub(r"<style>.*?</style>|{%.*?%}|{{.*?}}|<[^>]*>|https?://\S*", "\n", text, flags=re.DOTALL)
    return [run.strip(" .,:;()-*") for run in bare.splitlines() if re.search(r"[A-Za-z]{2}", run)]


def asked_for(text: str) -> set[str]:
    """Return the names that a template reads."""
    read = " ".join(map(" ".join, re.findall(r"{{(.*?)}}|{% *(?:if|elif|for)\b(.*?)%}", text)))
    return set(re.findall(r"(?<![|\w.])[a-z_.]+", re.sub(r'"[^"]*"', "", read))) - {"not", "and", "or", "in"}


# --- templates ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("template", catalogue.templates())
def test_every_message_has_its_templates_in_every_language(template, language):
    assert [part for part in PARTS if not (MAIL / language / template / part).is_file()] == []


@pytest.mark.parametrize("file", FILES)
def test_a_translation_reads_the_same_values(file):
    english, spanish = ((MAIL / language / file).read_text(encoding="utf-8") for language in ("en", "es"))

    assert asked_for(spanish) == asked_for(english)


@pytest.mark.parametrize("file", FILES)
def test_no_sentence_is_left_in_english(file):
    english, spanish = (spoken((MAIL / language / file).read_text(encoding="utf-8")) for language in ("en", "es"))

    assert set(english) & set(spanish) <= {"Astro Bookings"}
    assert [run for run in spanish if ENGLISH.search(run)] == []


def test_every_phrase_is_there_in_every_language():
    assert set(phrases.LANGUAGES) == set(Language.values)
    assert set(phrases.SPANISH) == set(phrases.ENGLISH)
    assert [code for code in phrases.ENGLISH if phrases.ENGLISH[code] == phrases.SPANISH[code]] == []


# --- mails -------------------------------------------------------------------------------------------
@pytest.fixture
def world(db):
    return make_world()


@pytest.fixture
def luz(db):
    return make_user("luz@example.org", full_name="Luz Prueba", time_zone="Europe/Madrid", language="es")


def test_no_word_of_english_reaches_a_spanish_reader(world, luz):
    Launch.objects.update(status="confirmed")
    make_it()
    make_user("money@example.org", kind="employee", employee_role="finance")
    make_booking(world, luz, names=("Luz Prueba",))
    booking = make_booking(world, luz, names=("Luz Prueba", "Sol Prueba"))
    type(luz).objects.update(language="es")
    for number, happened in enumerate(every_event(world, booking), start=100):
        Launch.objects.update(status="confirmed")
        plain = {
            name: "Una razón." if name in ("reason", "error", "problem") else value
            for name, value in happened.payload.items()
        }
        handlers.event_tell(type(happened)(**{**vars(happened), "id": number, "payload": plain}))

    for mail in send_all():
        for text in (
            mail.subject,
            mail.body,
            re.sub(r"<style>.*?</style>|<[^>]*>", "\n", html_of(mail), flags=re.DOTALL),
        ):
            bare = re.sub(r"https?://\S+|\S+@\S+", "", text)
            assert ENGLISH.findall(bare) == [], (mail.subject, bare)


def test_the_confirmation_in_spanish_word_by_word(world, luz):
    booking = make_booking(world, luz, names=("Luz Prueba", "Sol Prueba"), reference="QK7M3P")

    mail = told(confirmed(booking), "booking_confirmed")

    assert mail.subject == "Reserva confirmada: New Shepard al borde del espacio, referencia QK7M3P"
    for fact in (
        "Hola, Luz Prueba:",
        "14 de marzo de 2028, 09:30 CDT",
        "14 de marzo de 2028, 15:30 CET en su zona horaria",
        "500\u00a0000\u00a0USD",
        "Si cancela hasta el 14 de marzo de 2027, le devolvemos 450\u00a0000\u00a0USD de 500\u00a0000\u00a0USD (90 %).",
        "Después no se devuelve nada.",
        "Abrir mi viaje",
    ):
        assert fact in mail.body, fact
        assert fact in html_of(mail) or fact == "Abrir mi viaje", fact


def test_each_reader_of_one_event_reads_their_own_language_also_in_the_inbox(world, luz):
    ada = make_user("ada@example.org")
    make_booking(world, ada)
    make_booking(world, luz)
    Launch.objects.update(status="delayed", reason="x", departure_precision="quarter")
    handlers.event_tell(delayed(world, departure_at=DEPARTURE.isoformat()))

    before = [selectors.inbox_list(user=who)[0].subject for who in (ada, luz)]
    send_all()

    assert before == [selectors.inbox_list(user=who)[0].subject for who in (ada, luz)]
    assert before == [
        "Delayed: New Shepard to the edge of space now leaves no earlier than Q1 2028",
        "Aplazado: New Shepard al borde del espacio, nueva salida: no antes del primer trimestre de 2028",
    ]


def test_a_reason_of_ours_is_translated_and_a_persons_is_not(world, luz):
    owner = world.owner
    type(owner).objects.filter(pk=owner.pk).update(language="es")
    ours = "Not viable: 1 of 6 seats were sold, 2 would have been needed."
    theirs = "Valve 3 leaks, see the memo."

    first = told(launch_event(world, "aborted", reason=ours), "supplier_launch_moved")
    type(world.supplier).objects.update(status="suspended")
    second = told(
        event("launches.supplier.suspended", id=2, supplier_id=world.supplier.pk, reason=theirs), "supplier_suspended"
    )

    assert "No viable: se vendieron 1 de 6 asientos y hacían falta 2." in first.body
    assert theirs in second.body


# --- dates and amounts -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("second", "14 de marzo de 2028, 09:30 CDT"),
        ("hour", "14 de marzo de 2028, hacia las 09:00 CDT"),
        ("day", "14 de marzo de 2028"),
        ("month", "no antes de marzo de 2028"),
        ("quarter", "no antes del primer trimestre de 2028"),
        ("half", "no antes del primer semestre de 2028"),
        ("year", "no antes de 2028"),
    ],
)
def test_departures_in_spanish_are_as_honest(precision, said):
    assert departure_text(DEPARTURE, precision, "America/Chicago", "es") == said


def test_days_and_instants_in_spanish():
    assert day_text(NOW.date(), "es") == "22 de noviembre de 2026"
    assert moment_text(NOW, "America/Bogota", "es") == "22 de noviembre de 2026, 07:00 UTC-05"
    at_one = datetime(2028, 7, 1, 1, 10, tzinfo=UTC)
    assert departure_text(at_one, "hour", "UTC", "es") == "1 de julio de 2028, hacia la 01:00 UTC"
    assert departure_text(at_one, "quarter", "UTC", "es") == "no antes del tercer trimestre de 2028"
    assert departure_text(at_one, "half", "UTC", "es") == "no antes del segundo semestre de 2028"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("450000", "USD", "450\u00a0000\u00a0USD"),
        ("1234567.5", "EUR", "1\u00a0234\u00a0567,50\u00a0EUR"),
        ("9999", "USD", "9999\u00a0USD"),
        ("-0.05", "USD", "-0,05\u00a0USD"),
        ("12000", "JPY", "12\u00a0000\u00a0JPY"),
    ],
)
def test_amounts_in_spanish(amount, currency, said):
    assert format_money(Decimal(amount), currency, "es") == said
