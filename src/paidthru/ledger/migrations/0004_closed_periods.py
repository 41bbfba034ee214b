"""Closed periods and numbered exports; the database itself books nothing where the books are closed."""

import django.db.models.deletion
import paidthru.kernel.ids
from django.db import migrations, models

SQL = """
CREATE FUNCTION journal_needs_an_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ledger_closedperiod p ON p.organization_id = added.organization_id
               WHERE p.state <> 'reopened' AND added.effective_on <= p.closed_through) THEN
        RAISE EXCEPTION 'a closed period takes no further journal' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_needs_an_open_period AFTER INSERT ON ledger_journal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_needs_an_open_period();

-- What was closed, by whom and when, stays; a closing that was opened stays as it is.
CREATE FUNCTION closing_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'reopened' OR (NEW.organization_id, NEW.closed_through, NEW.closed_at, NEW.closed_by)
       IS DISTINCT FROM (OLD.organization_id, OLD.closed_through, OLD.closed_at, OLD.closed_by) THEN
        RAISE EXCEPTION 'a closing never changes, it is opened again' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closing_stays BEFORE UPDATE ON ledger_closedperiod
    FOR EACH ROW EXECUTE FUNCTION closing_stays();
CREATE TRIGGER closing_is_never_deleted BEFORE DELETE ON ledger_closedperiod
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_never_changes BEFORE UPDATE OR DELETE ON ledger_bookexport
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exported_batch_never_changes BEFORE UPDATE OR DELETE ON ledger_exportedbatch
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

UNDO = """
DROP TRIGGER exported_batch_never_changes ON ledger_exportedbatch;
DROP TRIGGER export_never_changes ON ledger_bookexport;
DROP TRIGGER closing_is_never_deleted ON ledger_closedperiod;
DROP TRIGGER closing_stays ON ledger_closedperiod;
DROP TRIGGER journal_needs_an_open_period ON ledger_journal;
DROP FUNCTION closing_stays, journal_needs_an_open_period;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_exactly_once'),
        ('organizations', '0006_brands'),
    ]

    operations = [
        migrations.CreateModel(
            name='BookExport',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('exported_at', models.DateTimeField()),
                ('exported_by', models.CharField(max_length=200)),
                ('asserted_through', models.DateField(null=True)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
        ),
        migrations.CreateModel(
            name='ClosedPeriod',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('closed_through', models.DateField()),
                ('state', models.CharField(default='closed', max_length=10)),
                ('closed_at', models.DateTimeField()),
                ('closed_by', models.CharField(max_length=200)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('separated', models.BooleanField(default=False)),
                ('requested_by', models.CharField(blank=True, max_length=200)),
                ('requester_id', models.CharField(blank=True, max_length=64)),
                ('requested_at', models.DateTimeField(null=True)),
                ('reopened_by', models.CharField(blank=True, max_length=200)),
                ('reopener_id', models.CharField(blank=True, max_length=64)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
        ),
        migrations.CreateModel(
            name='ExportedBatch',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exported', to='ledger.batch')),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='ledger.bookexport')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='bookexport',
            constraint=models.UniqueConstraint(fields=('organization', 'number'), name='one_export_per_number'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'reopened'), _negated=True), fields=('organization', 'closed_through'), name='one_closing_per_day'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state', 'closed')), models.Q(models.Q(('reason', ''), _negated=True), ('state__in', ['asked', 'reopened'])), _connector='OR'), name='reopened_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='closedperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'reopened'), _negated=True), ('separated', False), models.Q(models.Q(('requester_id', ''), ('reopener_id', ''), _connector='OR'), models.Q(('reopened_by', models.F('requested_by')), _negated=True)), models.Q(models.Q(('requester_id', ''), _negated=True), models.Q(('reopener_id', ''), _negated=True), models.Q(('reopener_id', models.F('requester_id')), _negated=True)), _connector='OR'), name='nobody_reopens_alone'),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
