"""What was issued, and the letterhead that it bears, never changes (I-34)."""

from django.db import migrations

SQL = """
CREATE TRIGGER issued_document_never_changes BEFORE UPDATE OR DELETE ON invoicing_issueddocument
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER brand_never_changes BEFORE UPDATE OR DELETE ON organizations_organizationbrand
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER logo_never_changes BEFORE UPDATE OR DELETE ON organizations_brandlogo
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

UNDO = """
DROP TRIGGER issued_document_never_changes ON invoicing_issueddocument;
DROP TRIGGER brand_never_changes ON organizations_organizationbrand;
DROP TRIGGER logo_never_changes ON organizations_brandlogo;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0001_initial"),
        ("ledger", "0002_append_only"),
        ("organizations", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
