"""Receipts of payments that came before their payers were kept with them: as their payers are called now."""

from django.db import migrations

BEFORE = """
INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
SELECT d.id, d.organization_id, 'receipt', d.party_id, NULL, jsonb_build_object(
    'payer', jsonb_build_object('name', p.name, 'number', p.number, 'address', p.address, 'country', p.country,
                                'language', p.language),
    'issuer', jsonb_build_object('name', o.name, 'locale', o.locale, 'zone', o.zone, 'sandbox', o.mode = 'sandbox'))
FROM payments_payment d
JOIN people_party p ON p.id = d.party_id JOIN organizations_organization o ON o.id = d.organization_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_visitors"),
        ("invoicing", "0008_documents_before"),
    ]

    operations = [migrations.RunSQL(BEFORE, migrations.RunSQL.noop)]
