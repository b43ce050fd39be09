"""
Honest dates: nothing finer than the precision is ever said.

Pages are in English; what people are sent is in their own language, "en" or "es".
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Precision(StrEnum):
    """How exactly an instant is known, finest first."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def has_clock_time(self) -> bool:
        """Whether a clock time may be shown."""
        return self in (Precision.SECOND, Precision.MINUTE, Precision.HOUR)

    @property
    def has_countdown(self) -> bool:
        """Whether a countdown may be shown."""
        return self in (Precision.SECOND, Precision.MINUTE)

    @property
    def has_day(self) -> bool:
        """Whether a calendar day may be shown."""
        return self.has_clock_time or self is Precision.DAY


def local_date(at: datetime, zone: str) -> date:
    """Return the calendar date of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def slip_days(before: datetime, after: datetime, zone: str) -> int:
    """Return by how many calendar days in a zone an instant moved back."""
    return (local_date(after, zone) - local_date(before, zone)).days


_SPANISH_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_SPANISH_QUARTERS = ("primer", "segundo", "tercer", "cuarto")


def departure_text(at: datetime, precision: str, zone: str, language: str = "en") -> str:
    """
    Say a departure as exactly as is honest, in the spaceport's zone.

    Returns: "14 Mar 2027, 09:30 CDT", "14 Mar 2027, about 09:00 CDT", "14 Mar 2027", "no earlier than March 2027",
        "no earlier than Q3 2027", "no earlier than the second half of 2027", "no earlier than 2028"; the same in
        Spanish: "14 de marzo de 2027, hacia las 09:00 CDT", "no antes del tercer trimestre de 2027".
    """
    known = Precision(precision)
    local = at.astimezone(ZoneInfo(zone))
    is_spanish = language == "es"
    day = day_text(local, language) if is_spanish else f"{local.day} {local:%b %Y}"
    if known in (Precision.SECOND, Precision.MINUTE):
        return f"{day}, {local:%H:%M} {zone_name(local)}"
    if known is Precision.HOUR:
        about = ("hacia la" if local.hour == 1 else "hacia las") if is_spanish else "about"
        return f"{day}, {about} {local:%H}:00 {zone_name(local)}"
    if known is Precision.DAY:
        return day
    return _no_antes(local, known) if is_spanish else f"no earlier than {period_text(local, known)}"


def _no_antes(local: datetime, precision: Precision) -> str:
    if precision is Precision.MONTH:
        return f"no antes de {_SPANISH_MONTHS[local.month - 1]} de {local.year}"
    if precision is Precision.QUARTER:
        return f"no antes del {_SPANISH_QUARTERS[(local.month - 1) // 3]} trimestre de {local.year}"
    if precision is Precision.HALF:
        return f"no antes del {'primer' if local.month <= 6 else 'segundo'} semestre de {local.year}"
    return f"no antes de {local.year}"


def day_text(day: date, language: str = "en") -> str:
    """Say a calendar day: "14 March 2027", "14 de marzo de 2027"."""
    if language == "es":
        return f"{day.day} de {_SPANISH_MONTHS[day.month - 1]} de {day.year}"
    return f"{day.day} {day:%B %Y}"


def day_text_short(day: date, language: str = "en") -> str:
    """Say a calendar day in little room: "14 Mar 2027", "14 mar 2027"."""
    month = _SPANISH_MONTHS[day.month - 1][:3] if language == "es" else f"{day:%b}"
    return f"{day.day} {month} {day.year}"


def moment_text(at: datetime, zone: str, language: str = "en") -> str:
    """Say an instant in a zone: "14 March 2027, 09:30 CET", "14 de marzo de 2027, 09:30 CET"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day_text(local, language)}, {local:%H:%M} {zone_name(local)}"


def departure_text_short(at: datetime, precision: str, zone: str) -> str:
    """Say only the date part: "14 Mar 2027", "Mar 2027", "Q3 2027", "2028"; for patches and titles."""
    known = Precision(precision)
    local = at.astimezone(ZoneInfo(zone))
    if known.has_day:
        return f"{local.day} {local:%b %Y}"
    return f"{local:%b %Y}" if known is Precision.MONTH else period_text(local, known)


def period_text(local: datetime, precision: Precision) -> str:
    """Say a month, quarter, half or year."""
    if precision is Precision.MONTH:
        return f"{local:%B %Y}"
    if precision is Precision.QUARTER:
        return f"Q{(local.month + 2) // 3} {local.year}"
    if precision is Precision.HALF:
        return f"the {'first' if local.month <= 6 else 'second'} half of {local.year}"
    return str(local.year)


def slug_date(at: datetime, precision: str, zone: str) -> str:
    """Return the date for a web address, no finer than known: 2027-03-14, 2027-03, 2027-q3, 2027-h2, 2027."""
    known = Precision(precision)
    local = at.astimezone(ZoneInfo(zone))
    if known.has_day:
        return f"{local:%Y-%m-%d}"
    if known is Precision.MONTH:
        return f"{local:%Y-%m}"
    if known is Precision.QUARTER:
        return f"{local.year}-q{(local.month + 2) // 3}"
    if known is Precision.HALF:
        return f"{local.year}-h{1 if local.month <= 6 else 2}"
    return str(local.year)


def months_before(day: date, months: int) -> date:
    """
    Count calendar months back from a date; the last day of a shorter month stands in (31 May - 3 = 28/29 February).

    Raises: ValueError when the year would fall below 1.
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_after(day: date, months: int) -> date:
    """Count calendar months on; the last day of a shorter month stands in (31 January + 1 = 28/29 February)."""
    return months_before(day, -months)


def years_between(birth: date, on: date) -> int:
    """Return completed years on a date; who was born on 29 February has the birthday on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant at which a calendar day ends in a zone (exclusive), in UTC."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def zone_name(local: datetime) -> str:
    """Say the zone of a local instant: "CST", "UTC+05"."""
    name = local.tzname() or "UTC"
    # Zones without an abbreviation of their own say "+05": "UTC+05" is what people know.
    return f"UTC{name}" if name[0] in "+-" else name
