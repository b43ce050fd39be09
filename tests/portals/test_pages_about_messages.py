"""The inbox and the choice of mails in the language of their reader."""

import re

import pytest
from rest_framework.test import APIClient

from accounts.enums import Language
from notifications import handlers, topics
from notifications.models import MailOptOut
from portals.shared.words import ENGLISH, SPANISH, WORDS
from tests.notifications.builders import NOW, event, make_it, make_row, make_user, make_world
from tests.notifications.mails import link_of, mail_to, send
from tests.notifications.test_languages import ENGLISH as ENGLISH_WORDS

pytestmark = pytest.mark.django_db
PORTALS = {"customer": "", "supplier": "/supplier", "employee": "/employee"}


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def people(world):
    found = {"customer": make_user("luz@example.org"), "supplier": world.owner, "employee": make_it()}
    for person in found.values():
        person.language, person.time_zone = "es", "Europe/Madrid"
        person.save()
    return found


def own_part(page: str) -> str:
    """Return the words of what is said to be Spanish, without names of ours and what people wrote."""
    text = page[page.index('lang="es"') : page.index("</main>")]
    text = re.sub(r'<div lang="en">.*?</div>', "", text, flags=re.DOTALL)
    return re.sub(r"<svg.*?</svg>|<[^>]*>", "\n", text, flags=re.DOTALL)


def test_every_word_is_there_in_every_language():
    assert set(WORDS) == set(Language.values)
    assert list(SPANISH) == list(ENGLISH)
    assert [code for code in ENGLISH if ENGLISH[code] == SPANISH[code]] == []


@pytest.mark.parametrize("kind", PORTALS)
def test_the_choice_of_mails_is_in_the_readers_language(people, client, kind):
    client.force_login(people[kind])
    address = f"{PORTALS[kind]}/preferences/"

    page = client.get(address).text
    saved = client.post(address, {}, follow=True).text

    words = own_part(page)
    assert "Elija sus correos" in words
    assert "Su cuenta y su seguridad" in words
    assert "Protegen su cuenta, y algunos de sus enlaces son la única forma de entrar en ella." in words
    for topic in topics.topics_of(kind):
        assert topic.words("es").label in words
        assert topic.words("es").about in words
    assert ENGLISH_WORDS.findall(words) == []
    assert "Guardado. Lo que ha desactivado sigue en su bandeja de entrada." in saved


@pytest.mark.parametrize("kind", PORTALS)
def test_the_inbox_is_in_the_readers_language(people, client, kind):
    client.force_login(people[kind])
    empty = own_part(client.get(f"{PORTALS[kind]}/inbox/").text)
    for number in (1, 2):
        read_at = NOW if number == 2 else None
        make_row(number, receiver=people[kind], subject="Su lanzamiento", link="/", read_at=read_at)

    words = own_part(client.get(f"{PORTALS[kind]}/inbox/").text)

    assert "No hay mensajes" in empty
    assert "22 nov 2026, 13:00 CET" in words
    assert "Nuevo" in words
    assert ENGLISH_WORDS.findall(empty + words) == []


def test_the_page_of_the_link_in_a_mail_is_in_the_readers_language(world, people, client):
    handlers.event_tell(
        event("launches.launch.scheduled", launch_id=world.launch.pk, supplier_id=world.supplier.pk, version=2)
    )
    send()
    link = link_of(mail_to("owner@red-rock.example")[0])

    pages = [client.get(link).text, client.post(link).text, client.get(link).text, client.post(link, {"on": "1"}).text]

    assert ["¿No recibir más correos sobre esto?" in pages[0], "Ya no recibirá correos" in pages[1]] == [True, True]
    assert ["ya están desactivados" in pages[2], "Vuelve a recibir estos correos" in pages[3]] == [True, True]
    assert [ENGLISH_WORDS.findall(own_part(page)) for page in pages] == [[], [], [], []]
    assert MailOptOut.objects.count() == 0


def test_the_api_says_topics_in_the_callers_language(people):
    caller = APIClient()
    caller.force_authenticate(people["customer"])

    results = caller.get("/api/v1/customer/mail-preferences/").json()["results"]

    assert [item["title"] for item in results] == [topic.words("es").label for topic in topics.topics_of("customer")]
