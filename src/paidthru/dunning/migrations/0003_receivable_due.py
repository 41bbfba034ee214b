"""What is open by its due date: the calendar asks each minute what has been missed, and what will be missed next.

The table is the invoicing room's, the question this room's.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dunning", "0002_where_dunning_begins"), ("invoicing", "0003_documents_that_follow")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS receivable_due ON invoicing_receivable (organization_id, due_on)"
            " WHERE state = 'open'",
            "DROP INDEX IF EXISTS receivable_due",
        )
    ]
