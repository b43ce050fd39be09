import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from django.template import Context, Template

from portals.shared.pictures import lettering
from portals.shared.pictures.patch import LOWER_ARC, UPPER_ARC, PatchSpec, render_patch

SPEC = PatchSpec(
    seed="new-shepard-2027",
    rocket_name="New Shepard",
    destination_name="Edge of space",
    date_text="Mar 2027",
    range="suborbital",
    body="earth",
)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"><script>alert(1)</script><a onclick='x'>&"


def parse(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314 - our own drawing


def texts(picture: str) -> list[str]:
    return [node.text or "" for node in parse(picture).iter(f"{SVG}textPath")]


def ids(picture: str) -> list[str]:
    return [value for node in parse(picture).iter() if (value := node.get("id"))]


def test_patch_is_the_same_for_the_same_launch() -> None:
    assert render_patch(SPEC) == render_patch(replace(SPEC))


def test_patch_differs_between_launches() -> None:
    drawings = {render_patch(replace(SPEC, seed=str(number))).split("<g", 1)[1] for number in range(20)}

    assert len(drawings) == 20


@pytest.mark.parametrize("range_", ["suborbital", "low_earth_orbit", "moon", "mars", "something new"])
@pytest.mark.parametrize("body", ["earth", "station", "moon", "mars", ""])
def test_patch_says_rocket_destination_and_date(range_: str, body: str) -> None:
    picture = render_patch(replace(SPEC, range=range_, body=body))

    assert texts(picture) == ["NEW SHEPARD", "EDGE OF SPACE · MAR 2027"]


def test_patch_has_title_and_description_for_screen_readers() -> None:
    root = parse(render_patch(SPEC))

    named = {node.get("id"): node.text for node in root if node.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img"
    assert [named[name] for name in (root.get("aria-labelledby") or "").split()] == [
        "Mission patch of New Shepard",
        "New Shepard to Edge of space, Mar 2027",
    ]


def test_decorative_patch_is_hidden_from_screen_readers() -> None:
    root = parse(render_patch(SPEC, decorative=True))

    assert root.get("aria-hidden") == "true"
    assert root.find(f"{SVG}title") is None


@pytest.mark.parametrize("field", ["rocket_name", "destination_name", "date_text", "seed", "range", "body"])
def test_patch_escapes_hostile_words(field: str) -> None:
    picture = render_patch(replace(SPEC, **{field: HOSTILE}))

    assert "<script" not in picture.lower()
    root = parse(picture)
    assert not [key for node in root.iter() for key in node.attrib if key.lower().startswith("on")]


def test_patch_carries_no_inline_style() -> None:
    root = parse(render_patch(SPEC))

    assert not [node.tag for node in root.iter() if "style" in node.attrib or node.tag == f"{SVG}style"]


@pytest.mark.parametrize(
    ("rocket", "below"),
    [
        ("X", ""),
        ("Falcon 9 Block 5", "Geostationary transfer orbit · NET Q3 2027"),
        ("Long March 7A", "International Space Station · 14 Mar 2027"),
        ("W" * 120, "M " * 200),
    ],
    ids=["short", "long", "longer", "beyond reason"],
)
def test_lettering_fits_its_arc(rocket: str, below: str) -> None:
    upper_room, lower_room = UPPER_ARC * 77, LOWER_ARC * 85

    upper = lettering.fit(rocket, room=upper_room, largest=14.5, smallest=7)
    lower = lettering.fit(below, room=lower_room, largest=12, smallest=6)

    assert upper.length <= upper_room + 0.1
    assert lower.length <= lower_room + 0.1
    assert upper.size >= 7
    assert lower.size >= 6


def test_lettering_keeps_real_names_whole_and_cuts_impossible_ones() -> None:
    whole = lettering.fit("Falcon 9 Block 5", room=190, largest=14.5, smallest=7)
    cut = lettering.fit("Ä rocket " * 30, room=190, largest=14.5, smallest=7)

    assert whole.text == "FALCON 9 BLOCK 5"
    assert cut.text.startswith("Ä ROCKET Ä ROCKET")
    assert cut.text.endswith("…")


def test_two_patches_on_a_page_share_no_id() -> None:
    template = Template(
        "{% load pictures %}<main>{% mission_patch spec %}{% mission_patch spec %}{% mission_patch other %}</main>"
    )

    page = template.render(Context({"spec": SPEC, "other": replace(SPEC, seed="other")}))

    found = ids(page)
    assert len(found) == 21
    assert len(set(found)) == 21


def test_patches_in_included_templates_share_no_id(settings) -> None:
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "libraries": {"pictures": "portals.shared.templatetags.pictures"},
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "page.html": "<main>{% for spec in specs %}{% include 'card.html' %}{% endfor %}</main>",
                            "card.html": "{% load pictures %}{% mission_patch spec %}",
                        },
                    )
                ],
            },
        }
    ]
    from django.template import loader

    page = loader.render_to_string("page.html", {"specs": [SPEC, SPEC, SPEC]})

    assert len(ids(page)) == 21
    assert len(set(ids(page))) == 21


def test_every_reference_of_a_patch_points_into_itself() -> None:
    picture = render_patch(SPEC, uid="2")

    root = parse(picture)
    wanted = {node.get("href", "")[1:] for node in root.iter(f"{SVG}textPath")}
    wanted |= {value[5:-1] for node in root.iter() for value in node.attrib.values() if value.startswith("url(#")}
    assert wanted <= set(ids(picture))
    assert len(wanted) == 5
