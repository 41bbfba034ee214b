"""Documents that were issued before their payers were kept with them: as their payers are called now."""

from django.db import migrations

KEPT = """
CREATE TRIGGER issued_document_never_changes BEFORE UPDATE OR DELETE ON invoicing_issueddocument
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER brand_never_changes BEFORE UPDATE OR DELETE ON organizations_organizationbrand
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER logo_never_changes BEFORE UPDATE OR DELETE ON organizations_brandlogo
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
DROPPED = """
DROP TRIGGER issued_document_never_changes ON invoicing_issueddocument;
DROP TRIGGER brand_never_changes ON organizations_organizationbrand;
DROP TRIGGER logo_never_changes ON organizations_brandlogo;
"""
BEFORE = """
INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
SELECT d.id, d.organization_id, d.kind, d.party_id, NULL, jsonb_build_object(
    'payer', jsonb_build_object('name', p.name, 'number', p.number, 'address', p.address, 'country', p.country,
                                'language', p.language),
    'issuer', jsonb_build_object('name', o.name, 'locale', o.locale, 'zone', o.zone, 'sandbox', o.mode = 'sandbox'))
FROM (SELECT id, organization_id, party_id, 'invoice' AS kind FROM invoicing_invoice WHERE number IS NOT NULL
      UNION ALL SELECT id, organization_id, party_id, 'credit note' FROM invoicing_creditnote) d
JOIN people_party p ON p.id = d.party_id JOIN organizations_organization o ON o.id = d.organization_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0007_issued_documents"),
        ("ledger", "0003_exactly_once"),
        ("organizations", "0006_brands"),
        ("people", "0004_postal"),
    ]

    operations = [
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, DROPPED),
    ]
