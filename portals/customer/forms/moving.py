"""Answers to a slip."""

from django import forms


class LeaveForm(forms.Form):
    """The explicit yes to leaving."""

    use_required_attribute = False
    sure = forms.BooleanField(
        label="Yes, give up my seats. I know that this cannot be undone.",
        error_messages={"required": "Tick the box to say that you want to leave, or keep your seats."},
    )
