import django.db.models.deletion
import django.db.models.expressions
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('code', models.CharField(max_length=60)),
                ('currency', models.CharField(max_length=3)),
                ('number', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=12)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'code', 'currency'), name='one_account_per_code')],
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=20)),
                ('dated_on', models.DateField()),
                ('state', models.CharField(default='open', max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.CharField(blank=True, max_length=200)),
                ('posted_at', models.DateTimeField(null=True)),
                ('posted_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_batch_per_number'), models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'reviewed']), models.Q(('kind', 'renewal'), _negated=True)), fields=('organization', 'kind', 'dated_on'), name='one_open_batch_per_kind_and_date')],
            },
        ),
        migrations.CreateModel(
            name='BookExport',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField()),
                ('exported_at', models.DateTimeField()),
                ('exported_by', models.CharField(max_length=200)),
                ('asserted_through', models.DateField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_export_per_number')],
            },
        ),
        migrations.CreateModel(
            name='ClosedPeriod',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
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
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'reopened'), _negated=True), fields=('organization', 'closed_through'), name='one_closing_per_day'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state', 'closed')), models.Q(models.Q(('reason', ''), _negated=True), ('state__in', ['asked', 'reopened'])), _connector='OR'), name='reopened_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'reopened'), _negated=True), ('separated', False), models.Q(models.Q(('requester_id', ''), ('reopener_id', ''), _connector='OR'), models.Q(('reopened_by', models.F('requested_by')), _negated=True)), models.Q(models.Q(('requester_id', ''), _negated=True), models.Q(('reopener_id', ''), _negated=True), models.Q(('reopener_id', models.F('requester_id')), _negated=True)), _connector='OR'), name='nobody_reopens_alone')],
            },
        ),
        migrations.CreateModel(
            name='DeferralSchedule',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('receivable_id', models.UUIDField(unique=True)),
                ('invoice_id', models.UUIDField()),
                ('party_id', models.UUIDField()),
                ('currency', models.CharField(max_length=3)),
                ('total_minor', models.BigIntegerField()),
                ('start_on', models.DateField()),
                ('end_on', models.DateField()),
                ('income_code', models.CharField(max_length=60)),
                ('recognized_minor', models.BigIntegerField(default=0)),
                ('canceled_minor', models.BigIntegerField(db_default=0)),
                ('next_on', models.DateField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_on__isnull', False)), fields=['organization', 'next_on'], name='recognition_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('recognized_minor__gte', 0), ('canceled_minor__gte', 0), ('total_minor__gte', django.db.models.expressions.CombinedExpression(models.F('recognized_minor'), '+', models.F('canceled_minor')))), name='recognized_within_total')],
            },
        ),
        migrations.CreateModel(
            name='ExportedBatch',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='ledger.bookexport')),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exported', to='ledger.batch')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Journal',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='journals', to='ledger.batch')),
                ('currency', models.CharField(max_length=3)),
                ('effective_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('source_kind', models.CharField(max_length=20)),
                ('source_id', models.UUIDField()),
                ('event', models.CharField(max_length=60)),
                ('text', models.CharField(max_length=300)),
                ('reverses', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.journal')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'effective_on', 'id'], name='journal_by_date')],
                'constraints': [models.UniqueConstraint(fields=('source_id', 'source_kind', 'event'), name='one_journal_per_source_and_event')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('journal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.journal')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.account')),
                ('amount_minor', models.BigIntegerField()),
                ('party_id', models.UUIDField(null=True)),
                ('invoice_id', models.UUIDField(null=True)),
                ('receivable_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('invoice_id__isnull', False)), fields=['invoice_id'], name='entry_of_invoice')],
            },
        ),
        migrations.CreateModel(
            name='Recognition',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recognitions', to='ledger.deferralschedule')),
                ('month_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('journal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.journal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('schedule', 'month_on'), name='one_recognition_per_month')],
            },
        ),
    ]
