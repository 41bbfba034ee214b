"""Documents are issued: who they are for and whose they are is kept with them, as it is at that moment."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from django.db import connection

_TABLES = {"invoice": "invoicing_invoice", "credit note": "invoicing_creditnote"}

#: Payer and organization of the rows `d` of some table, and the letterhead that counts (`b`).
FACTS = """jsonb_build_object(
    'payer', jsonb_build_object('name', p.name, 'number', p.number, 'address', p.address, 'country', p.country,
                                'language', p.language),
    'issuer', jsonb_build_object('name', o.name, 'locale', o.locale, 'zone', o.zone, 'sandbox', o.mode = 'sandbox'))"""
JOINED = """JOIN people_party p ON p.id = d.party_id JOIN organizations_organization o ON o.id = d.organization_id
    LEFT JOIN (SELECT DISTINCT ON (organization_id) organization_id, id
               FROM organizations_organizationbrand ORDER BY organization_id, number DESC) b
           ON b.organization_id = d.organization_id"""


def keep_issued(kind: Literal["invoice", "credit note"], ids: Iterable[UUID]) -> None:
    """Keeps payer and organization with documents that were just written, any number at once; what is kept already
    stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
                SELECT d.id, d.organization_id, %s, d.party_id, b.id, {FACTS}
                FROM {_TABLES[kind]} d {JOINED}
                WHERE d.id = ANY(%s) ON CONFLICT (id) DO NOTHING""",
            [kind, list(ids)],
        )
