"""Messages about the running of the system."""

from datetime import datetime

from notifications import links
from notifications.contents.letter import Facts, Letter, Reader


def staff_drift_found(facts: Facts, reader: Reader, now: datetime) -> Letter:
    """Tell IT that the stores differed."""
    path = links.reconciliation()
    figures = [
        (name.replace("_", " "), value)
        for name, value in sorted(facts.items())
        if isinstance(value, int) and not isinstance(value, bool) and not name.endswith("_id")
    ]
    values = {"figures": figures, "dataset": facts.get("dataset", "")}
    return Letter(values=values, link=path, action_label="Open the reconciliation", action_path=path)
