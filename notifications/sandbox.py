"""
Renders the words of messages that IT wrote, so that they reach nothing but the values of their message.

Not the site's template engine: this one knows a handful of tags and filters, loads nothing but the shipped frame and
parts of mails, and is given plain values only. So whoever edits a message can neither read settings or other people's
data, nor call anything that does something, nor keep a worker busy (docs/adr/0012).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django import template
from django.template import Context, Engine, Template, TemplateDoesNotExist, TemplateSyntaxError, defaultfilters
from django.template.base import Node, Origin, tag_re
from django.template.defaulttags import ForNode, do_for, do_if, do_with
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockNode, ExtendsNode, do_block, do_extends, do_include
from django.template.loaders.base import Loader
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

PARTS = ("subject", "text", "html")
LABELS = {"subject": "Subject", "text": "Text", "html": "HTML"}
# Characters of source and of what comes out: a mail is a page or two.
SOURCE_LIMITS = {"subject": 300, "text": 20_000, "html": 60_000}
OUTPUT_LIMIT = 200_000
# Two loops within each other list seats of trips; ten would keep a worker busy for an hour.
LOOPS_WITHIN_LOOPS = 2
LOOP_LIMIT = 100
JOIN_LIMIT = 100  # characters between the items of a list
_TEMPLATES = Path(__file__).parent / "templates"
_LOADABLE = re.compile(r"notifications/mail/(?:[a-z]{2}/)?(?:base|parts/[a-z_]+)\.(?:html|txt)")


class Broken(Exception):
    """The words cannot be rendered; the text says which part, where, and why."""


# --- what a text may use ---------------------------------------------------------------------------------------------
register = template.Library()
register.tag("extends", do_extends)
register.tag("if", do_if)
register.tag("include", do_include)
register.tag("with", do_with)
for _name in ("capfirst", "default", "first", "last", "length", "lower", "pluralize", "title", "upper"):
    register.filter(_name, getattr(defaultfilters, _name))


class _Block(BlockNode):
    """A block without Django's variable `block`, whose attributes lead to the engine and everything it knows."""

    def render(self, context: Context) -> SafeString:
        """Render the innermost block of this name."""
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        with context.push():
            if blocks is None:
                return self.nodelist.render(context)
            block = blocks.pop(self.name)
            try:
                return (block or self).nodelist.render(context)
            finally:
                if block is not None:
                    blocks.push(self.name, block)


@register.tag("block")
def _do_block(parser: Any, token: Any) -> Node:
    node = do_block(parser, token)
    return _Block(node.name, node.nodelist)


class _For(ForNode):
    """A loop over a list; over the letters of a text, loops within loops would fill the memory."""

    def render(self, context: Context) -> SafeString:
        """Go through the list, unless it is none or too long."""
        sequence: Any = self.sequence
        values = sequence.resolve(context, ignore_failures=True)
        if values is not None and not isinstance(values, (list, tuple, Specimen)):
            raise TypeError("a loop needs a list")
        if values is not None and len(values) > LOOP_LIMIT:
            raise ValueError(f"the list is longer than {LOOP_LIMIT}")
        return SafeString(super().render(context))


@register.tag("for")
def _do_for(parser: Any, token: Any) -> Node:
    node = do_for(parser, token)
    return _For(node.loopvars, node.sequence, node.is_reversed, node.nodelist_loop, node.nodelist_empty)


@register.filter("join", is_safe=True, needs_autoescape=True)
def _join(value: Any, between: str, autoescape: bool = True) -> Any:
    """Join a list; a text stays as it is, for joining its letters again and again would fill the memory."""
    if not isinstance(value, (list, tuple, Specimen)):
        return value
    if len(between) > JOIN_LIMIT:  # a list joined by what was joined before, again and again, would fill the memory
        raise ValueError(f"a list is joined by {JOIN_LIMIT} characters at most")
    if not autoescape:
        return between.join(str(item) for item in value)
    return mark_safe(conditional_escape(between).join(conditional_escape(str(item)) for item in value))  # noqa: S308 - each is escaped


class _Shipped(Loader):
    """Loads the frame and the parts of mails that are shipped with the package, and nothing else."""

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        """Name the file, if it is one of those."""
        if _LOADABLE.fullmatch(str(template_name)):
            yield Origin(name=str(_TEMPLATES / template_name), template_name=template_name, loader=self)

    def get_contents(self, origin: Origin) -> str:
        """Read the file."""
        try:
            return Path(origin.name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise TemplateDoesNotExist(origin) from None


class _Engine(Engine):
    default_builtins = ["notifications.sandbox"]


@cache
def _engine() -> Engine:
    # debug: errors then say where they happened. Nothing of it reaches a page or a mail.
    return _Engine(loaders=[f"{__name__}.{_Shipped.__name__}"], debug=True)


# --- the values ------------------------------------------------------------------------------------------------------
def plain(value: Any) -> Any:
    """Turn a value into one that can only be read: texts, numbers, days, and lists and mappings of those."""
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # without the mark that says "escaped already"
    if is_dataclass(value) and not isinstance(value, type):
        return MappingProxyType({item.name: plain(getattr(value, item.name)) for item in fields(value)})
    if isinstance(value, Mapping):
        return MappingProxyType({str(key): plain(item) for key, item in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(plain(item) for item in value)
    return value if isinstance(value, Specimen) else str(value)


class Specimen:
    """Stands for any value where there is no real message to show: it says its own name, and lists hold two."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, key: object) -> "Specimen":
        return Specimen(f"{self._name}.{key}")

    def __iter__(self) -> Iterator["Specimen"]:
        return iter((Specimen(self._name), Specimen(self._name)))

    def __len__(self) -> int:
        return 2

    def __str__(self) -> str:
        return f"‹{self._name}›"


class Specimens(dict[str, Any]):
    """A message's values where there is no real message."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Specimen:
        return Specimen(key)


# --- rendering -------------------------------------------------------------------------------------------------------
def render(*, part: str, source: str, values: Mapping[str, Any]) -> str:
    """
    Render one part (subject, text or html) of a message.

    Raises: Broken.
    """
    compiled = _compile(part, source)
    context = Context(
        values if isinstance(values, Specimens) else dict(plain(values)), autoescape=part == "html", use_l10n=False
    )
    try:
        rendered = str(compiled.render(context))
    except Exception as error:
        raise Broken(f"{_where(part, error)}: {_said(error)}") from error
    if len(rendered) > OUTPUT_LIMIT:
        raise Broken(f"{LABELS[part]}: what comes out is longer than {OUTPUT_LIMIT} characters.")
    if not rendered.strip():
        raise Broken(f"{LABELS[part]}: nothing comes out.")
    return rendered


def problems(*, part: str, source: str) -> list[str]:
    """Say what is wrong with a part before it is kept, naming part and line; nothing when all is well."""
    label, limit = LABELS[part], SOURCE_LIMITS[part]
    if not source.strip():
        return [f"{label}: write something. To go back to the shipped words, use the button for that."]
    if len(source) > limit:
        return [f"{label}: it is {len(source)} characters long; shorten it to {limit}."]
    if "\x00" in source:
        return [f"{label}: there is a character that no mail can carry (NUL). Take it out."]
    if part == "subject" and "\n" in source.strip():
        return [f"{label}: write it on one line."]
    without_tags = tag_re.sub("", source)  # tags stand on one line each, so lines stay what they are
    if unclosed := re.search(r"\{[{%]", without_tags):
        line = without_tags.count("\n", 0, unclosed.start()) + 1
        return [f"{label}, line {line}: {unclosed[0]} is not closed on its line."]
    try:
        compiled = _compile(part, source)
    except Broken as error:
        return [str(error)]
    return [*_loop_problems(label, compiled), *_block_problems(label, compiled)]


def _compile(part: str, source: str) -> Template:
    try:
        return Template(source, origin=Origin(name=LABELS[part]), name=f"notifications/mail/{part}", engine=_engine())
    except Exception as error:  # not only syntax errors: some tags fail in other ways on what they do not expect
        raise Broken(f"{_where(part, error)}: {_said(error)}") from error


def _loop_problems(label: str, compiled: Template) -> list[str]:
    def deepest(nodes: Any, depth: int) -> Iterator[tuple[int, ForNode]]:
        for node in nodes:
            inner = depth + isinstance(node, ForNode)
            if isinstance(node, ForNode):
                yield inner, node
            for name in node.child_nodelists:
                yield from deepest(getattr(node, name, ()), inner)

    return [
        f"{label}, line {_line(node)}: this loop stands in {LOOPS_WITHIN_LOOPS} others. Take it out of one."
        for depth, node in deepest(compiled.nodelist, 0)
        if depth == LOOPS_WITHIN_LOOPS + 1
    ]


def _block_problems(label: str, compiled: Template) -> list[str]:
    found = compiled.nodelist.get_nodes_by_type(ExtendsNode)
    if not found or not isinstance(found[0], ExtendsNode):
        return []
    try:
        parent = _outermost(compiled, found[0])
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return [
            f"{label}, line {_line(found[0])}: a message may extend the frame of our mails only,"
            " like notifications/mail/en/base.html."
        ]
    known = {node.name for node in parent.nodelist.get_nodes_by_type(BlockNode) if isinstance(node, BlockNode)}
    return [
        f"{label}, line {_line(node)}: the frame has no block named {name}, so its text would be left out."
        f" It has: {', '.join(sorted(known))}."
        for name, node in found[0].blocks.items()
        if name not in known
    ]


def _outermost(compiled: Template, extends: ExtendsNode) -> Template:
    """Return the text at the end of the chain of extensions: its blocks are those that are shown."""
    context = Context()
    with context.bind_template(compiled), context.render_context.push_state(compiled):
        parent = extends.get_parent(context)
    further = parent.nodelist.get_nodes_by_type(ExtendsNode)
    return _outermost(parent, further[0]) if further and isinstance(further[0], ExtendsNode) else parent


def _line(node: Node) -> int:
    return int(node.token.lineno or 1) if node.token else 1


def _where(part: str, error: Exception) -> str:
    culprit = getattr(error, "_culprit_node", None)
    token = getattr(error, "token", None) or getattr(culprit, "token", None)
    origin = getattr(culprit, "origin", None)
    place = (
        LABELS[part] if origin is None or origin.name == LABELS[part] else f"{LABELS[part]} ({origin.template_name})"
    )
    return f"{place}, line {token.lineno}" if token else place


def _said(error: Exception) -> str:
    """Say an error of Django's template language to somebody who is not a programmer."""
    text = str(error)
    if found := re.match(r"Invalid block tag on line \d+: '([^' ]+)", text):
        if found[1].startswith(("end", "else", "elif")):
            return f"{{% {found[1]} %}} has no beginning here."
        return f"{{% {found[1]} %}} is no tag of messages. There are: {', '.join(sorted(register.tags))}."
    if found := re.match(r"Invalid filter: '([^']+)'", text):
        return f"|{found[1]} is no filter of messages. There are: {', '.join(sorted(register.filters))}."
    if found := re.match(r"Unclosed tag on line \d+: '([^']+)'", text):
        return f"{{% {found[1]} %}} is not closed."
    if isinstance(error, (TemplateDoesNotExist, AttributeError)):
        return "it names a text that is not there. A message may use the frame and the parts of our mails only."
    return text if text.endswith(".") else f"{text}."
