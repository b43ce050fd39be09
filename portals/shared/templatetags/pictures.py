"""Template tags for the drawn pictures; `{% load pictures %}`."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from common import dates
from portals.shared.pictures import profile
from portals.shared.pictures.patch import PatchSpec, render_patch

register = template.Library()
_COUNTER = "shared.pictures.patches"


@register.simple_tag(takes_context=True)
def mission_patch(context: Context, launch: Any, size: int | None = None, decorative: bool = False) -> SafeString:
    """
    Draw the mission patch of a launch (or of a PatchSpec), with ids that are unique on the page.

    launch: anything that `patch_spec` understands. decorative: True beside the launch's title.
    """
    # The bottom of the render context is shared by everything that one page includes.
    page: dict[Any, Any] = context.render_context.dicts[0]
    page[_COUNTER] = page.get(_COUNTER, 0) + 1
    uid = str(page[_COUNTER]) if page[_COUNTER] > 1 else ""
    return render_patch(patch_spec(launch), size, uid=uid, decorative=decorative)


def patch_spec(launch: Any) -> PatchSpec:
    """
    Tell what the patch of a launch shows.

    Takes a PatchSpec, or an object with `slug` (or `pk`), `rocket.name`, `destination.name`,
    `destination.required_range`, `departure_at`, `departure_precision` and `spaceport.time_zone`.
    """
    if isinstance(launch, PatchSpec):
        return launch
    date = dates.departure_text_short(launch.departure_at, launch.departure_precision, launch.spaceport.time_zone)
    range_ = str(launch.destination.required_range)
    return PatchSpec(
        seed=str(getattr(launch, "pk", "") or launch.slug),
        rocket_name=launch.rocket.name,
        destination_name=launch.destination.name,
        date_text=date,
        range=range_,
        body=body_for(range_=range_, destination_name=launch.destination.name),
    )


def body_for(*, range_: str, destination_name: str) -> str:
    """Choose what hangs in the sky of the patch."""
    if range_ in ("moon", "mars"):
        return range_
    return "station" if "station" in destination_name.lower() else "earth"


@register.inclusion_tag("shared/components/flight_profile.html")
def flight_profile(range_: str) -> dict[str, Any]:
    """Draw how a flight of this range goes, with the same in words below."""
    return {"profile": profile.flight_profile(str(range_))}


@register.inclusion_tag("shared/components/brand_mark.html")
def brand_mark() -> dict[str, Any]:
    """Draw the rocket of the brand."""
    return {}
