"""Find what a record of a launch schedule names, else enter it: supplier, rocket, spaceport."""

from decimal import Decimal

from django.utils.text import slugify

from common import outbox
from launches import events, policies
from launches.models import Destination, Rocket, Spaceport, Supplier
from launches.services import correcting, rockets, suppliers
from launches.services.feed_options import FeedOptions
from launches.services.feed_parse import FeedRecord
from launches.services.feed_places import Place

NOT_GIVEN = "Not given; entered from a public launch schedule."


def supplier_for(record: FeedRecord, options: FeedOptions) -> Supplier:
    """Find the supplier, else enter it as approved: the operator who runs the import vouches for it."""
    feed_id = None if options.supplier else record.supplier_feed_id
    name = " ".join((options.supplier or record.supplier_name).split())
    rows = Supplier.objects.filter(feed_id=feed_id) if feed_id else Supplier.objects.none()
    supplier = rows.first() or Supplier.objects.filter(trade_name=name).first()
    if supplier is None:
        supplier = suppliers.supplier_create(
            actor=None,
            trade_name=name,
            legal_name=name,
            tax_id=NOT_GIVEN[:9],
            legal_address=NOT_GIVEN,
            feed_id=feed_id,
        )
        supplier = suppliers.supplier_approve(actor=None, supplier_id=supplier.pk)
    elif feed_id and supplier.feed_id is None:
        supplier.feed_id = feed_id
        supplier.save(update_fields=["feed_id"])
        outbox.publish(
            events.SupplierChanged(supplier_id=supplier.pk, changes={"feed_id": {"before": None, "after": feed_id}})
        )
    return supplier


def rocket_for(supplier: Supplier, record: FeedRecord, destination: Destination, seats: int) -> Rocket:
    """Find the rocket, else enter it. One that came from a feed grows with what the feed and the operator ask of it."""
    rows = Rocket.objects.select_for_update(no_key=True).filter(supplier=supplier)
    rocket = None
    if record.rocket_feed_id:
        rocket = rows.filter(feed_id=record.rocket_feed_id).first()
    rocket = rocket or rows.filter(name=record.rocket_name).first()
    if rocket is None:
        return rockets.rocket_create(
            actor=None,
            supplier_id=supplier.pk,
            name=record.rocket_name,
            range=destination.required_range,
            seats=seats,
            feed_id=record.rocket_feed_id or f"name:{slugify(record.rocket_name)[:50]}",
        )
    if rocket.feed_id is not None:
        if not policies.is_within_range(rocket.range, destination.required_range):
            before, rocket.range = rocket.range, destination.required_range
            rocket.save(update_fields=["range"])
            changes = {"range": {"before": before, "after": rocket.range}}
            correcting.referred_tell(row=rocket, changes=changes)
        rockets.cabin_grow(rocket=rocket, seats=seats)
    return rocket


def spaceport_for(place: Place) -> Spaceport:
    """Find the spaceport, else enter it under a code of its own."""
    if place.code is not None:
        return Spaceport.objects.get(code=place.code)
    known = Spaceport.objects.filter(feed_id=place.feed_id).first() if place.feed_id else None
    known = known or Spaceport.objects.filter(name=place.name).order_by("pk").first()
    if known is not None:
        return known
    base = slugify(place.name.split(",")[0])[:36] or "spaceport"
    number, code = 1, base
    while Spaceport.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    values = {
        "code": code,
        "name": place.name,
        "country": place.country,
        "latitude": Decimal(f"{place.latitude:.5f}"),
        "longitude": Decimal(f"{place.longitude:.5f}"),
        "time_zone": place.time_zone,
        "feed_id": place.feed_id,
    }
    port = Spaceport.objects.create(**values)
    changes = {name: {"before": None, "after": value} for name, value in values.items()}
    correcting.referred_tell(row=port, changes=changes, is_new=True)
    return port
