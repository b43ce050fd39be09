import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import User
from portals.shared import navigation, stylesheet

NOW = datetime(2027, 3, 14, 14, 0, tzinfo=UTC)


class Traveller(forms.Form):
    full_name = forms.CharField(
        label="Full name", help_text="As in the passport.", error_messages={"required": "Enter the full name."}
    )
    phone = forms.CharField(label="Phone", required=False)
    pay = forms.ChoiceField(
        label="How to pay",
        choices=[("card", "Card"), ("bank", "Bank transfer")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how to pay."},
    )


def draw(source: str, path: str = "/", **context) -> str:
    context.setdefault("request", RequestFactory().get(path))
    return Template("{% load components pictures %}" + source).render(Context(context))


class Tags(HTMLParser):
    """Collects start tags with their attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_field_ties_label_hint_and_error_to_its_input() -> None:
    shown = draw('{% field form.full_name autocomplete="name" %}', form=Traveller({}))

    ((_, box),) = [tag for tag in Tags(shown).found if tag[0] == "input"]
    assert (box["id"], box["aria-describedby"], box["aria-invalid"], box["autocomplete"], box["class"]) == (
        "id_full_name",
        "id_full_name-hint id_full_name-error",
        "true",
        "name",
        "input",
    )
    assert '<label class="field__label" for="id_full_name">Full name</label>' in shown
    assert 'id="id_full_name-hint">As in the passport.</p>' in shown
    assert "Enter the full name." in shown


def test_field_without_hint_and_error_describes_nothing() -> None:
    shown = draw("{% field form.phone %}", form=Traveller())

    assert "aria-describedby" not in shown
    assert "(optional)" in shown


def test_radio_field_is_a_fieldset_with_a_legend() -> None:
    shown = draw("{% field form.pay %}", form=Traveller())

    assert "<legend" in shown
    assert [box.get("value") for tag, box in Tags(shown).found if tag == "input"] == ["card", "bank"]


def test_error_summary_links_to_each_field_with_the_same_words() -> None:
    shown = draw("{% error_summary form %}", form=Traveller({}))

    assert "There is a problem" in shown
    assert re.findall(r'<a href="(#[^"]+)">([^<]+)</a>', shown) == [
        ("#id_full_name", "Enter the full name."),
        ("#id_pay_0", "Choose how to pay."),
    ]


@pytest.mark.parametrize(
    "form", [Traveller(), Traveller({"full_name": "A", "pay": "card"}), None], ids=["unbound", "valid", "none"]
)
def test_error_summary_is_silent_when_all_is_well(form) -> None:
    assert draw("{% error_summary form %}{% error_prefix form %}", form=form).strip() == ""


def test_error_summary_takes_formsets() -> None:
    travellers = formset_factory(Traveller)(
        {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-full_name": "A",
            "form-0-pay": "card",
            "form-1-pay": "card",
        }
    )

    shown = draw("{% error_prefix formset %}{% error_summary formset %}", formset=travellers)

    assert shown.startswith("Error: ")
    assert re.findall(r'href="([^"]+)"', shown) == ["#id_form-1-full_name"]


def test_hostile_input_comes_back_escaped() -> None:
    shown = draw("{% field form.full_name %}", form=Traveller({"full_name": '"><script>alert(1)</script>'}))

    assert "<script" not in shown


def test_pagination_keeps_the_filters_of_the_address() -> None:
    page = Paginator(range(95), 10).page(2)

    shown = draw('{% pagination page noun="launches" %}', path="/?q=moon&page=2", page=page)

    assert "11 to 20 of 95 launches" in shown
    assert 'href="?q=moon&amp;page=3" rel="next"' in shown


def test_pagination_of_nothing_shows_nothing() -> None:
    assert draw("{% pagination page %}", page=Paginator([], 10).page(1)).strip() == ""


@pytest.mark.parametrize(
    ("path", "href", "direction"),
    [
        ("/?q=a&page=3", "?q=a&amp;sort=price", None),
        ("/?sort=price", "?sort=-price", "ascending"),
        ("/?sort=-price", "?sort=price", "descending"),
    ],
)
def test_sort_header_turns_round(path: str, href: str, direction: str | None) -> None:
    shown = draw('{% sort_header "Price" "price" %}', path=path)

    assert f'href="{href}"' in shown
    assert re.findall(r'aria-sort="(\w+)"', shown) == ([direction] if direction else [])


@pytest.mark.parametrize(
    ("seconds", "words", "is_ending"),
    [
        (750, "12 minutes left", False),
        (110, "1 minute left", True),
        (30, "less than a minute left", True),
        (0, "has ended", True),
    ],
)
def test_hold_timer_says_how_long(seconds: int, words: str, is_ending: bool) -> None:
    shown = draw("{% hold_timer until now=now %}", until=NOW + timedelta(seconds=seconds), now=NOW)

    assert words in shown
    assert ("hold-timer--ending" in shown) is is_ending


def test_instants_are_told_by_the_readers_clock() -> None:
    reader = User(time_zone="America/Sao_Paulo")
    shown = draw("{% moment at %}; {% hold_timer at now=now %}", at=NOW, now=NOW - timedelta(minutes=9), user=reader)

    assert "14 Mar 2027, 11:00 UTC-03" in shown
    assert ">11:00 UTC-03</time>" in shown


def test_a_long_hold_says_its_day_too() -> None:
    shown = draw("{% hold_timer at now=now %}", at=NOW, now=NOW - timedelta(hours=3))

    assert ">14 Mar 2027, 14:00 UTC</time>" in shown


@pytest.mark.parametrize(
    ("precision", "has_instant"),
    [("minute", True), ("hour", True), ("day", False), ("quarter", False), ("year", False)],
)
def test_departure_gives_machines_an_instant_only_when_it_is_known(precision: str, has_instant: bool) -> None:
    shown = draw("{% departure at precision 'America/Chicago' %}", at=NOW, precision=precision)

    assert ("<time" in shown) is has_instant


def test_money_and_moment_say_currency_and_zone() -> None:
    shown = draw(
        "{{ amount|money:'USD' }} {% moment at 'America/Chicago' %} {% moment none %}",
        amount=Decimal("450000"),
        at=NOW,
        none=None,
    )

    assert "$450,000" in shown
    assert "14 Mar 2027, 09:00 CDT" in shown


@pytest.mark.parametrize(
    ("path", "current"), [("/employee/", "Overview"), ("/employee/bookings/K7QX2M/", "Bookings"), ("/elsewhere/", None)]
)
def test_navigation_marks_the_most_exact_entry(path: str, current: str | None) -> None:
    entries = [("Overview", "/employee/"), ("Bookings", "/employee/bookings/")]

    marked = navigation.mark_current(entries=entries, path=path)

    assert [label for label, _, is_current in marked if is_current] == ([current] if current else [])


@pytest.mark.parametrize("range_", ["suborbital", "low_earth_orbit", "moon", "mars", "unknown"])
def test_flight_profile_says_the_same_in_words(range_: str) -> None:
    shown = draw("{% flight_profile range_ %}", range_=range_)

    (label,) = re.findall(r'aria-label="Flight profile\. ([^"]+)"', shown)
    assert f"<figcaption>{label}</figcaption>" in shown


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_problem_pages_give_reference_and_next_step_without_any_request(code: int) -> None:
    shown = render_to_string(f"{code}.html", {"request_id": "a1b2c3d4e5"})

    assert "a1b2c3d4e5" in shown
    assert '<a class="button button--primary"' in shown
    assert shown.count("<h1>") == 1


@pytest.mark.parametrize("layout", ["customer", "supplier", "employee", "plain"])
def test_layouts_need_no_inline_script_or_style(layout: str) -> None:
    request = RequestFactory().get("/")

    shown = render_to_string(f"shared/layout_{layout}.html", {"nav_items": [("Trips", "/trips/", True)]}, request)

    for tag, attributes in Tags(shown).found:
        assert "style" not in attributes
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert not [name for name in attributes if name.startswith("on")]
    assert shown.count('<main id="main"') == 1
    assert '"X-CSRFToken"' in shown


def test_joined_style_sheet_is_up_to_date() -> None:
    assert stylesheet.TARGET.read_text(encoding="utf-8") == stylesheet.joined(), "run manage.py build_styles"
