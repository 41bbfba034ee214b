"""Whose a document is and whom it is for: as it was kept at issue, or as it is now for what is no issued document."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from paidthru.documents.rules.facts import Issuer, Payer
from paidthru.documents.rules.sheets import Picture
from paidthru.invoicing.models import IssuedDocument
from paidthru.organizations.models import Organization, OrganizationBrand
from paidthru.organizations.queries import brand_of
from paidthru.organizations.rules.branding import Branding
from paidthru.people.models import Party


def kept_with(organization: Organization, id_: UUID, party: Party) -> tuple[Issuer, Payer, dict[str, Any]]:
    """Issuer and payer of an issued document by its id, and all that was kept; for one from before anything was kept,
    as they are now."""
    kept = (
        IssuedDocument.objects.filter(id=id_, organization=organization).select_related("brand__logo").first()
    )
    if kept is None:
        return present_issuer(organization), present_payer(party), {}
    said, whose = kept.facts["payer"], kept.facts["issuer"]
    issuer = Issuer(
        name=whose["name"], locale=whose["locale"], zone=whose["zone"], sandbox=bool(whose["sandbox"])
    )
    payer = Payer(
        name=said["name"],
        number=said["number"],
        address=_lines(said["address"]),
        country=said["country"],
        language=said["language"],
    )
    return _branded(issuer, kept.brand), payer, kept.facts


def present_issuer(organization: Organization) -> Issuer:
    """The organization as its letterhead has it now."""
    return _branded(_plain(organization), brand_of(organization.id))


def issuer_with(organization: Organization, said: Branding, logo: tuple[str, bytes] | None = None) -> Issuer:
    """The organization with a letterhead that is not kept yet; `logo` is (kind, bytes)."""
    return replace(
        _plain(organization),
        name=said.name,
        address=_lines(said.address),
        country=said.country,
        contact=_lines(said.contact),
        tax_number=said.tax_number,
        footer=_lines(said.footer),
        payment=_lines(said.payment),
        accent=said.accent,
        band=said.band,
        electronic=said.electronic,
        logo=Picture(*logo) if logo else None,
    )


def present_payer(party: Party) -> Payer:
    """A party as it is now."""
    return Payer(party.name, party.number, _lines(party.address), party.country, party.language)


def start_of(day: date, zone: str) -> datetime:
    """A local day's first instant: what a document of that day carries as its own."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def _plain(organization: Organization) -> Issuer:
    return Issuer(organization.name, organization.locale, organization.zone, organization.is_sandbox)


def _branded(issuer: Issuer, brand: OrganizationBrand | None) -> Issuer:
    if brand is None:
        return issuer
    logo = Picture(brand.logo.kind, bytes(brand.logo.content)) if brand.logo else None
    return replace(
        issuer,
        name=brand.name,
        address=_lines(brand.address),
        country=brand.country,
        contact=_lines(brand.contact),
        tax_number=brand.tax_number,
        footer=_lines(brand.footer),
        payment=_lines(brand.payment),
        accent=brand.accent,
        band=brand.band,
        electronic=brand.electronic,
        logo=logo,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip())
