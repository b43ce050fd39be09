"""Template tags for the parts of every page; `{% load components %}`. Examples: the docstring of portals.shared."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Page
from django.forms import BoundField, Form
from django.forms.formsets import BaseFormSet
from django.http import QueryDict
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import dates
from common.money import format_money
from portals.shared import cabin, form_fields, occupancy
from portals.shared.words import WORDS

register = template.Library()

TONES = {
    "ok": "confirmed paid sent completed launched approved active succeeded delivered repaired open ready",
    "warn": "delayed pending partially_paid expiring held sending retrying suspended waiting paused",
    "danger": "aborted failed cancelled overdue refused error declined critical bounced",
    "info": "scheduled applied info running queued",
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


# --- words ----------------------------------------------------------------------------------------------------------
@register.filter
def money(amount: Decimal | None, currency: str = "USD") -> str:
    """Say an amount: `{{ launch.price|money:launch.currency }}`; nothing for no amount."""
    return "" if amount is None else format_money(amount, currency)


@register.simple_tag
def departure(at: datetime, precision: str, zone: str) -> SafeString:
    """Say a departure as exactly as is honest; machines get the instant only when a clock time is known."""
    words = dates.departure_text(at, precision, zone)
    if dates.Precision(precision).has_clock_time:
        return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="minutes"), words)
    return format_html("{}", words)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None, zone: str = "", language: str = "en") -> SafeString:
    """Say an instant in a zone, else in the reader's own: "14 Mar 2027, 09:30 UTC"; a dash for none."""
    if at is None:
        return format_html('<span class="muted">{}</span>', "–")
    local = timezone.localtime(at, ZoneInfo(zone) if zone else _zone_of_reader(context))
    words = f"{dates.day_text_short(local, language)}, {local:%H:%M} {dates.zone_name(local)}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words)


def _zone_of_reader(context: Context) -> ZoneInfo | None:
    """Return the zone that who is signed in has chosen; None, which is the site's, for strangers."""
    chosen = getattr(context.get("user"), "time_zone", "")
    return ZoneInfo(chosen) if chosen else None


@register.simple_tag(takes_context=True)
def say(context: Context, code: str) -> str:
    """Say words of a page about messages in its reader's language: `{% say "inbox" %}`."""
    return WORDS[context["user"].language][code]


@register.simple_tag
def badge(words: str, tone: str = "") -> SafeString:
    """Show a state; tone is ok, warn, danger, info, accent or nothing."""
    return format_html('<span class="badge{}">{}</span>', f" badge--{tone}" if tone else "", words)


@register.simple_tag
def state_badge(state: str, words: str = "") -> SafeString:
    """Show a state code as a badge, in the tone that fits it: `{% state_badge booking.status %}`."""
    said = words or str(getattr(state, "label", "") or state).replace("_", " ").capitalize()
    return badge(said, TONE_OF.get(str(state), ""))


# --- forms ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("shared/components/field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """
    Draw a bound field with label, hint and error.

    Options: label, hint, size ("short" or "medium"), hide_label; any other is an attribute of the input, with
    underscores for hyphens (autocomplete="email", inputmode="numeric", hx_get="…").
    """
    return form_fields.field_context(bound, options)


@register.inclusion_tag("shared/components/error_summary.html")
def error_summary(*forms: Form | BaseFormSet | None) -> dict[str, Any]:
    """Draw "There is a problem" with a link to each field that has one; nothing when all is well."""
    return {"problems": form_fields.problems(forms)}


@register.simple_tag
def error_prefix(*forms: Form | BaseFormSet | None) -> str:
    """Return "Error: " for the page title when a form has errors."""
    return "Error: " if form_fields.problems(forms) else ""


# --- lists ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("shared/components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page, target: str = "", noun: str = "") -> dict[str, Any]:
    """
    Draw the pages of a list; the other filters in the address stay.

    target: a selector that htmx swaps instead of loading the page. noun: what is counted, in the plural.
    """
    request = context.get("request")
    query = request.GET if request else QueryDict()
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "numbers": list(numbers), "target": target, "noun": noun, "query": query}


@register.inclusion_tag("shared/components/sort_header.html", takes_context=True)
def sort_header(context: Context, label: str, key: str, css: str = "", parameter: str = "sort") -> dict[str, Any]:
    """Draw a `<th>` whose link sorts by `key`, and the other way round (`-key`) when pressed again."""
    request = context.get("request")
    current = request.GET.get(parameter, "") if request else ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    wanted = f"-{key}" if current == key else key
    query = request.GET.copy() if request else None
    if query is not None:
        query.pop("page", None)
        query.pop("cursor", None)
        query[parameter] = wanted
    return {
        "label": label,
        "direction": direction,
        "css": css,
        "url": f"?{query.urlencode()}" if query else f"?{parameter}={wanted}",
    }


@register.inclusion_tag("shared/components/empty_state.html")
def empty_state(title: str, text: str = "", action: str = "", url: str = "", level: int = 2) -> dict[str, Any]:
    """Say what would be here, why it is empty, and offer the one button that fills it."""
    return {"title": title, "text": text, "action": action, "url": url, "level": 3 if level == 3 else 2}


# --- arrangement ----------------------------------------------------------------------------------------------------
@register.inclusion_tag("shared/components/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """Draw the way here: label, address, label, address, …, label of this page."""
    entries = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    return {"entries": entries}


@register.inclusion_tag("shared/components/steps.html")
def steps(current: int, *names: str) -> dict[str, Any]:
    """Draw the steps of a task; `current` counts from 1."""
    return {"current": current, "names": names}


@register.inclusion_tag("shared/components/stat.html")
def stat(label: str, value: Any, note: str = "", url: str = "") -> dict[str, Any]:
    """Draw one figure with what it counts."""
    return {"label": label, "value": value, "note": note, "url": url}


@register.inclusion_tag("shared/components/definition_list.html")
def definition_list(pairs: Iterable[tuple[str, Any]], style: str = "") -> dict[str, Any]:
    """Draw (term, value) pairs; style is "ruled", "wide" or nothing. Empty values become a dash."""
    return {"pairs": pairs, "style": style}


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:  # noqa: A002 - the attribute's own name
    """
    Draw a dialog that a button with `data-dialog="<id>"` opens.

    Make the opener a link to a page that asks the same, so that it works without JavaScript.
    """
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title"><div class="dialog__head">'
        '<h2 id="{0}-title">{1}</h2><button type="button" class="button button--quiet button--small dialog__close" '
        "data-dialog-close>Close</button></div>{2}</dialog>",
        id, title, content,
    )  # fmt: skip


# --- seats ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("shared/components/fill_bar.html")
def fill_bar(taken: int, total: int, words: str = "") -> dict[str, Any]:
    """Draw how full a launch is; words="sold" counts what is sold instead of what is left."""
    return {"fill": occupancy.fill(taken=taken, total=total, sold_words=words == "sold")}


@register.inclusion_tag("shared/components/cabin_plan.html")
def cabin_plan(
    seats: Iterable[cabin.SeatView],
    name: str = "seats",
    title: str = "Choose your seats",
    readonly: bool = False,
    limit: int = 0,
    uid: str = "cabin",
    single: bool = False,
) -> dict[str, Any]:
    """
    Draw seats as a cabin; unless readonly they are checkboxes called `name` with the seat's id as value.

    limit: how many may be ticked (shown and counted, checked by the service). uid: differs for two plans on a page.
    single: one seat only, by radio buttons.
    """
    drawn = cabin.plan(seats, is_choosable=not readonly)
    return {
        "plan": drawn,
        "name": name,
        "title": title,
        "readonly": readonly,
        "limit": limit,
        "uid": uid,
        "single": single,
    }


@register.inclusion_tag("shared/components/hold_timer.html", takes_context=True)
def hold_timer(
    context: Context, expires_at: datetime, expired_url: str = "", now: datetime | None = None
) -> dict[str, Any]:
    """
    Say until when seats are held, by the reader's clock.

    JavaScript counts the minutes down and opens `expired_url` when they end.
    """
    seconds = int((expires_at - (now or timezone.now())).total_seconds())
    local = timezone.localtime(expires_at, _zone_of_reader(context))
    day = f"{dates.day_text_short(local, 'en')}, " if seconds >= 7200 else ""
    return {
        "expires_at": expires_at,
        "until": f"{day}{local:%H:%M} {dates.zone_name(local)}",
        "is_over": seconds <= 0,
        "is_ending": seconds <= 120,
        "minutes": max(seconds, 0) // 60,
        "hours": max(seconds, 0) // 3600 if seconds >= 7200 else 0,
        "expired_url": expired_url,
    }
