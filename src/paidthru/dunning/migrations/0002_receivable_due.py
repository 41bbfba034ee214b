"""What is open by its due date: the calendar asks each minute what has been missed, and what will be missed next.

The table is the invoicing room's, the question this room's.
"""

from django.db import migrations

SQL = """
CREATE INDEX IF NOT EXISTS receivable_due ON invoicing_receivable (organization_id, due_on)
    WHERE state = 'open';
"""

UNDO = """
DROP INDEX IF EXISTS receivable_due;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dunning", "0001_initial"),
        ("invoicing", "0002_documents_never_change"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
