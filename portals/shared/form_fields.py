"""What the field and error-summary components need to know about Django forms."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.formsets import BaseFormSet

AnyForm = forms.BaseForm | BaseFormSet | None


@dataclass(frozen=True)
class Problem:
    """One line of the error summary; `target` is the id of the input to go to, or empty."""

    sentence: str
    target: str


def field_context(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    """Collect what the field template shows; see the `field` tag for the options."""
    label = options.pop("label", bound.label)
    hint = options.pop("hint", bound.help_text)
    size = options.pop("size", "")
    hide_label = options.pop("hide_label", False)
    widget = bound.field.widget
    is_group = isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
    is_single_choice = isinstance(widget, forms.CheckboxInput)
    identity = bound.auto_id or bound.html_name
    attributes: dict[str, Any] = {key.replace("_", "-"): value for key, value in options.items() if value != ""}
    told_by = [f"{identity}-hint"] if hint else []
    told_by += [f"{identity}-error"] if bound.errors else []
    if not is_group:
        # Django would name the elements of its own rendering here; these are ours.
        if told_by:
            attributes["aria-describedby"] = " ".join(told_by)
        else:
            bound.help_text = ""
        if bound.errors:
            attributes["aria-invalid"] = "true"
        if not is_single_choice:
            if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
                attributes.setdefault("rows", "4")  # Django's ten lines ask for an essay
            css = _class(widget)
            given = str(widget.attrs.get("class", ""))
            attributes["class"] = " ".join(filter(None, [css, f"{css}--{size}" if size else "", given]))
    return {
        "bound": bound,
        "label": label,
        "hint": hint,
        "identity": identity,
        "described_by": " ".join(told_by),
        "hide_label": hide_label,
        "is_group": is_group,
        "is_single_choice": is_single_choice,
        "is_hidden": bound.is_hidden,
        "is_optional": not bound.field.required and not is_single_choice,
        "control": "" if is_group else bound.as_widget(attrs=attributes),
        "choices": list(bound) if is_group else [],
        "label_for": "" if is_group else bound.id_for_label,
    }


def _class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.Select):
        return "select"
    return "textarea" if isinstance(widget, forms.Textarea) else "input"


def problems(sources: Iterable[AnyForm]) -> list[Problem]:
    """List every error of bound forms and formsets, in the order of their fields, each sentence with its target."""
    found: list[Problem] = []
    for source in sources:
        if source is None or not source.is_bound:
            continue
        if isinstance(source, BaseFormSet):
            found += [Problem(str(sentence), "") for sentence in source.non_form_errors()]
            found += problems(source.forms)
            continue
        found += [Problem(str(sentence), "") for sentence in source.non_field_errors()]
        for bound in source:
            found += [Problem(str(sentence), _target(bound)) for sentence in bound.errors]
    return found


def _target(bound: BoundField) -> str:
    if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{bound.auto_id}_0"
    return bound.id_for_label
