"""Documents are issued: who they are for and whose they are is kept with them, as it is at that moment."""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

from django.db import connection
from django.db.models import Max

from paidthru.invoicing.models import IssuedDocument
from paidthru.organizations.models import Organization, OrganizationBrand
from paidthru.people.models import Party

_TABLES = {"invoice": "invoicing_invoice", "credit note": "invoicing_creditnote"}


def keep_issued(kind: Literal["invoice", "credit note"], ids: Iterable[UUID]) -> None:
    """Keeps payer and organization with documents that were just written, any number at once; what is kept already
    stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
                SELECT d.id, d.organization_id, %(kind)s, d.party_id, b.id, jsonb_build_object(
                    'payer', jsonb_build_object('name', p.name, 'number', p.number, 'address', p.address,
                                                'country', p.country, 'language', p.language),
                    'issuer', jsonb_build_object('name', o.name, 'locale', o.locale, 'zone', o.zone,
                                                 'sandbox', o.mode = 'sandbox'))
                FROM {_TABLES[kind]} d JOIN people_party p ON p.id = d.party_id
                     JOIN organizations_organization o ON o.id = d.organization_id
                     LEFT JOIN (SELECT DISTINCT ON (organization_id) organization_id, id
                                FROM organizations_organizationbrand ORDER BY organization_id, number DESC) b
                            ON b.organization_id = d.organization_id
                WHERE d.id = ANY(%(ids)s) ON CONFLICT (id) DO NOTHING""",
            {"kind": kind, "ids": list(ids)},
        )


def keep_receipt(
    organization: Organization, payment_id: UUID, party: Party, parts: Sequence[dict[str, object]]
) -> IssuedDocument:
    """Keeps a payment's receipt with what the payment was used for (`invoice`, `text`, `amount_minor` each), if it was
    not handed out before; returns the one that counts."""
    newest = OrganizationBrand.objects.filter(organization=organization).aggregate(newest=Max("number"))
    brand = OrganizationBrand.objects.filter(organization=organization, number=newest["newest"] or 0).first()
    kept, _ = IssuedDocument.objects.get_or_create(
        id=payment_id,
        organization=organization,
        defaults={
            "kind": "receipt",
            "party": party,
            "brand": brand,
            "facts": {
                "payer": {
                    "name": party.name,
                    "number": party.number,
                    "address": party.address,
                    "country": party.country,
                    "language": party.language,
                },
                "issuer": {
                    "name": organization.name,
                    "locale": organization.locale,
                    "zone": organization.zone,
                    "sandbox": organization.is_sandbox,
                },
                "parts": list(parts),
            },
        },
    )
    return kept
