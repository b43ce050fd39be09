"""What the words of a message can reach, and what they are refused for."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.utils.safestring import mark_safe

from notifications import sandbox, wordings
from notifications.contents import MAKERS


@dataclass
class Seat:
    label: str
    price: str
    cancelled: bool = False

    def cancel(self) -> str:
        self.cancelled = True
        return "cancelled!"


class Account:
    email = "ada@example.org"

    def __str__(self) -> str:
        return "ada"

    def close(self) -> str:
        raise AssertionError("a method was called")


def render(source: str, part: str = "text", **values) -> str:
    return sandbox.render(part=part, source=source, values=values)


# --- what it can do --------------------------------------------------------------------------------------------------
def test_values_loops_and_conditions_are_said():
    seats = (Seat("1A", "$1"), Seat("2B", "$2"))

    said = render(
        "{% if seats %}{% for seat in seats %}{{ seat.label }}={{ seat.price }}{% if not forloop.last %}, {% endif %}"
        "{% endfor %} ({{ seats|length }} seat{{ seats|pluralize }}, {{ names|join:' and ' }}){% endif %}",
        seats=seats,
        names=["Ada", "Bob"],
    )

    assert said == "1A=$1, 2B=$2 (2 seats, Ada and Bob)"


def test_html_is_escaped_also_what_was_marked_as_safe_and_in_lists():
    said = render(
        "{{ name }} {{ names|join:'<br>' }} {{ marked }}", "html", name="<b>", names=["<i>"], marked=mark_safe("<u>")
    )

    assert said == "&lt;b&gt; &lt;i&gt; &lt;u&gt;"


def test_a_value_that_is_not_there_is_left_out():
    assert render("a{{ nothing.at.all }}b") == "ab"


@pytest.mark.parametrize("template", sorted(MAKERS))
@pytest.mark.parametrize("part", sandbox.PARTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_shipped_text_may_be_an_edited_one_too(template, part, language):
    source = wordings.shipped_source(template, part, language)

    assert sandbox.problems(part=part, source=source) == []
    assert sandbox.render(part=part, source=source, values=sandbox.Specimens()).strip()


# --- what it cannot reach --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "source",
    [
        "{{ account.email }}",
        "{{ account.close }}",
        "{{ seat.cancel }}",
        "{{ seats.0.cancel }}",
        "{{ block.context }}",
        "{% block a %}{{ block.context.template.engine }}{% endblock %}",
        "{% block a %}{{ block.super }}{% endblock %}",
        "{{ template.engine }}",
        "{{ render_context }}",
        "{{ settings.SECRET_KEY }}",
        "{{ request.user }}",
        "{{ day.SECRET }}",
        "{{ forloop }}",
    ],
)
def test_nothing_but_the_values_is_reached(source):
    seat = Seat("1A", "$1")

    said = render("[" + source + "]", account=Account(), seat=seat, seats=[seat], day=datetime(2027, 1, 1, tzinfo=UTC))

    assert said == "[]"
    assert not seat.cancelled


@pytest.mark.parametrize(
    "source",
    [
        "{{ seat.__class__ }}",
        "{{ _secret }}",
        "{% load i18n %}",
        "{% debug %}",
        "{% url 'admin:index' %}",
        "{% csrf_token %}",
        "{% autoescape off %}{{ x }}{% endautoescape %}",
        "{{ x|safe }}",
        "{{ x|ljust:'100000000' }}",
        "{% lorem 1000000 w %}",
        "{% include 'admin/base.html' %}",
        "{% include 'notifications/mail/en/password_reset/body.txt' %}",
        "{% include 'notifications/unsubscribe.html' %}",
        "{% include '/etc/passwd' %}",
        "{% include '../../../../etc/passwd' %}",
        "{% include 'notifications/mail/parts/../../../../../../etc/passwd.txt' %}",
        "{% extends 'shared/base.html' %}",
    ],
)
def test_what_is_no_part_of_a_message_is_refused(source):
    with pytest.raises(sandbox.Broken):
        render(source, seat=Seat("1A", "$1"), x="<b>")


def test_text_cannot_be_blown_up_or_looped_over():
    long = "ab" * 20  # three times joined with itself it would be millions of letters

    assert render("{{ x|join:x|join:x|join:x }}", x=long) == long
    with pytest.raises(sandbox.Broken, match="a loop needs a list"):
        render("{% for letter in x %}{{ letter }}{% endfor %}", x=long)
    with pytest.raises(sandbox.Broken, match="longer than 100"):
        render("{% for one in x %}{{ one }}{% endfor %}", x=list(range(101)))
    with pytest.raises(sandbox.Broken, match="longer than 200000 characters"):
        render("{% for a in x %}{% for b in x %}" + "c" * 1000 + "{% endfor %}{% endfor %}", x=list(range(20)))


def test_nothing_at_all_is_broken_too():
    with pytest.raises(sandbox.Broken, match="Text: nothing comes out"):
        render("{% if no %}something{% endif %}")


# --- what is said about mistakes -------------------------------------------------------------------------------------
HTML = '{% extends "notifications/mail/en/base.html" %}\n'


@pytest.mark.parametrize(
    ("part", "source", "sentence"),
    [
        ("subject", "", "Subject: write something."),
        ("subject", "one\ntwo", "Subject: write it on one line."),
        ("subject", "x" * 301, "Subject: it is 301 characters long; shorten it to 300."),
        ("text", "a\x00b", "Text: there is a character that no mail can carry (NUL)."),
        ("text", "a\n{% if x %}\nb", "Text, line 2: {% if %} is not closed."),
        ("text", "a\n\n{% endif %}", "Text, line 3: {% endif %} has no beginning here."),
        ("text", "a\n{{ trip.reference", "Text, line 2: {{ is not closed on its line."),
        ("text", "{{ a }}\n{% load x %}", "Text, line 2: {% load %} is no tag of messages. There are: block, extends,"),
        ("html", "\n{{ x|safe }}", "HTML, line 2: |safe is no filter of messages. There are: capfirst, default,"),
        ("html", "\n{{ x._y }}", "HTML, line 2: Variables and attributes may not begin with underscores"),
        ("html", HTML + "{% block contents %}x{% endblock %}", "HTML, line 2: the frame has no block named contents"),
        ("html", '{% extends "shared/base.html" %}', "HTML, line 1: a message may extend the frame of our mails"),
        (
            "text",
            "{% for a in x %}{% for b in x %}\n{% if a %}{% for c in x %}"
            + "{% endfor %}{% endif %}{% endfor %}{% endfor %}",
            "Text, line 2: this loop stands in 2 others.",
        ),
    ],
)
def test_a_mistake_is_said_with_part_and_line(part, source, sentence):
    (said,) = sandbox.problems(part=part, source=source)

    assert said.startswith(sentence)
    assert said.endswith(".")


def test_lists_joined_by_joined_lists_do_not_grow_without_end():
    source = "{% with a=seats|join:'x' %}" + "{% with a=seats|join:a %}" * 40 + "{{ a }}" + "{% endwith %}" * 41

    with pytest.raises(sandbox.Broken, match="a list is joined by 100 characters at most"):
        render(source, seats=["1A", "2B", "3C"])
