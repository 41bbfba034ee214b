"""Set how the organization stands on its documents: letterhead, colours, logo. Issued documents keep theirs."""

import hashlib
from datetime import datetime

from django.db import transaction

from paidthru.documents.printer import Printer
from paidthru.documents.queries.issuer import issuer_with
from paidthru.documents.rules.samples import sample_invoice
from paidthru.organizations.models import BrandLogo, Organization, OrganizationBrand
from paidthru.organizations.queries import brand_of
from paidthru.organizations.rules.branding import Branding, checked_branding
from paidthru.organizations.rules.logos import logo_kind
from paidthru.timeline.operations import Actor, Happening, record

_COMPARED = (
    "name", "address", "country", "contact", "tax_number", "footer", "payment", "accent", "band", "electronic",
)  # fmt: skip


def set_brand(
    organization: Organization,
    said: Branding,
    *,
    logo: bytes | None = None,
    remove_logo: bool = False,
    printer: Printer,
    actor: Actor,
    now: datetime,
) -> OrganizationBrand:
    """A new version of the letterhead, with another logo, none, or the present one. Said again, nothing happens.

    A new logo is drawn once before it is kept, for a file can look like a picture and be broken. Refused as
    `checked_branding`, `logo_kind`, and `document_undrawable`.
    """
    said = checked_branding(said)
    kind = logo_kind(logo) if logo else ""
    if logo:
        printer.pdf(sample_invoice(issuer_with(organization, said, (kind, logo)), on=now.date(), at=now))
    with transaction.atomic():
        Organization.objects.select_for_update().get(id=organization.id)
        present = brand_of(organization.id)
        kept = present.logo if present is not None and not remove_logo else None
        if logo:
            kept, _ = BrandLogo.objects.get_or_create(
                organization=organization,
                digest=hashlib.sha256(logo).hexdigest(),
                defaults={"kind": kind, "content": logo},
            )
        values = {key: getattr(said, key) for key in _COMPARED}
        same_logo = present is not None and present.logo_id == (kept.id if kept else None)
        if present is not None and same_logo and values == {key: getattr(present, key) for key in _COMPARED}:
            return present
        made = OrganizationBrand.objects.create(
            organization=organization,
            number=present.number + 1 if present else 1,
            logo=kept,
            set_by=actor.name[:200],
            set_at=now,
            **values,
        )
        changed = [key for key in _COMPARED if present is None or values[key] != getattr(present, key)]
        if (present.logo_id if present else None) != made.logo_id:
            changed.append("logo")
        facts = {"version": made.number, "changed": changed}
        record(
            organization.id,
            actor,
            now,
            [Happening("brand_set", "organization", organization.id, facts=facts)],
        )
        return made
