"""Suppliers and who works for them."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from common import outbox
from common.errors import InvalidInput
from launches import access, errors, events
from launches.enums import MemberRole, SupplierStatus
from launches.models import Supplier, SupplierMember

if TYPE_CHECKING:
    from accounts.models import User


def supplier_create(
    *,
    actor: "User | None",
    trade_name: str,
    description: str = "",
    contact_email: str = "",
    legal_name: str = "",
    tax_id: str = "",
    legal_address: str = "",
    feed_id: str | None = None,
) -> Supplier:
    """
    Enter a supplier; it sells nothing until `supplier_approve`.

    Args:
        actor: support or admin; None for commands and jobs.
        feed_id: its agency id in Launch Library 2.
    Raises: NameTaken, InvalidInput, Forbidden.
    """
    access.require_employee(actor)
    trade_name = " ".join(trade_name.split())
    if not 1 <= len(trade_name) <= 120:
        raise InvalidInput(fields={"trade_name": "Give the supplier a name of 1 to 120 characters."})
    try:
        with transaction.atomic():
            supplier = Supplier.objects.create(
                slug=_slug_free(trade_name),
                trade_name=trade_name,
                description=description,
                contact_email=contact_email,
                legal_name=legal_name,
                tax_id=tax_id,
                legal_address=legal_address,
                feed_id=feed_id,
            )
            outbox.publish(events.SupplierCreated(supplier_id=supplier.pk))
    except IntegrityError as error:
        raise errors.NameTaken(thing="supplier", taken=trade_name) from error
    return supplier


def _slug_free(trade_name: str) -> str:
    base = slugify(trade_name)[:70] or "supplier"
    used = set(Supplier.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in used:
        number += 1
        slug = f"{base}-{number}"
    return slug


def supplier_approve(*, actor: "User | None", supplier_id: int) -> Supplier:
    """
    Let a supplier sell.

    Raises: SupplierNotFound, LegalDataMissing, Forbidden. One that is approved already is returned as it is.
    """
    access.require_employee(actor)
    with transaction.atomic():
        supplier = _locked(supplier_id)
        if supplier.status == SupplierStatus.APPROVED:
            return supplier
        if not supplier.has_legal_data:
            raise errors.LegalDataMissing(supplier=supplier.trade_name)
        old_status, supplier.status = supplier.status, SupplierStatus.APPROVED
        supplier.save(update_fields=["status"])
        outbox.publish(
            events.SupplierApproved(supplier_id=supplier.pk, old_status=old_status, new_status=supplier.status)
        )
        return supplier


def supplier_suspend(*, actor: "User | None", supplier_id: int, reason: str) -> Supplier:
    """
    Stop a supplier's sales; bookings stay as they are.

    Raises: SupplierNotFound, ReasonMissing, Forbidden. One that is suspended already is returned as it is.
    """
    access.require_employee(actor)
    if not reason.strip():
        raise errors.ReasonMissing("Say why the supplier is suspended.", fields={"reason": "Say why."})
    with transaction.atomic():
        supplier = _locked(supplier_id)
        if supplier.status == SupplierStatus.SUSPENDED:
            return supplier
        old_status, supplier.status = supplier.status, SupplierStatus.SUSPENDED
        supplier.save(update_fields=["status"])
        outbox.publish(
            events.SupplierSuspended(
                supplier_id=supplier.pk, old_status=old_status, new_status=supplier.status, reason=reason.strip()
            )
        )
        return supplier


def _locked(supplier_id: int) -> Supplier:
    supplier = Supplier.objects.select_for_update(no_key=True).filter(pk=supplier_id).first()
    if supplier is None:
        raise errors.SupplierNotFound
    return supplier


def supplier_member_add(*, actor: "User | None", supplier_id: int, user_id: int, role: str) -> SupplierMember:
    """
    Have a user of the supplier kind work for a supplier; each works for one only.

    Args:
        actor: an owner of the supplier, support or admin; None for commands and jobs.
    Raises: InvalidInput (already a member somewhere, unknown role), SupplierNotFound, RoleForbids.
    """
    access.require_change(actor, supplier_id, not_found=errors.SupplierNotFound)
    if actor is not None and actor.kind == "supplier" and access.membership_of(actor).role != MemberRole.OWNER:
        raise errors.RoleForbids("Only an owner changes the team.")
    if role not in MemberRole.values:
        raise InvalidInput(fields={"role": f"Choose one of: {', '.join(MemberRole.values)}."})
    try:
        with transaction.atomic():
            member = SupplierMember.objects.create(supplier_id=supplier_id, user_id=user_id, role=role)
            outbox.publish(events.SupplierMemberAdded(supplier_id=supplier_id, user_id=user_id, role=role))
    except IntegrityError as error:
        raise InvalidInput(fields={"user": "This person works for a supplier already."}) from error
    return member
