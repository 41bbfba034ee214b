import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('organizations', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='IssuedDocument',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('kind', models.CharField(max_length=12)),
                ('party', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('brand', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organizationbrand')),
                ('facts', models.JSONField()),
                ('frozen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='NumberStretch',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('first_number', models.BigIntegerField()),
                ('prefix', models.CharField(blank=True, max_length=60)),
                ('width', models.SmallIntegerField()),
                ('first_value', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'first_number'), name='one_stretch_per_number')],
            },
        ),
        migrations.CreateModel(
            name='RecurringInvoice',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('currency', models.CharField(max_length=3)),
                ('lines', models.JSONField()),
                ('interval_count', models.SmallIntegerField()),
                ('interval_unit', models.CharField(max_length=10)),
                ('starts_on', models.DateField()),
                ('next_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('due_days', models.SmallIntegerField()),
                ('made', models.IntegerField(default=0)),
                ('as_draft', models.BooleanField(default=False)),
                ('paused_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_on__isnull', False), ('paused_at__isnull', True)), fields=['organization', 'next_on'], name='recurring_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('due_days__gte', 0), ('interval_count__gt', 0)), name='recurring_goes_on')],
            },
        ),
        migrations.CreateModel(
            name='Tax',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=60)),
                ('inclusive', models.BooleanField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_tax_per_name')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField(null=True)),
                ('label', models.CharField(blank=True, db_default='', max_length=60)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('batch', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='ledger.batch')),
                ('currency', models.CharField(max_length=3)),
                ('total_minor', models.BigIntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('state', models.CharField(max_length=14)),
                ('kind', models.CharField(max_length=20)),
                ('bill_on', models.DateField()),
                ('due_on', models.DateField()),
                ('run_id', models.UUIDField(null=True)),
                ('first', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
                ('closed_because', models.CharField(blank=True, db_default='', max_length=20)),
                ('awaits_reissue', models.BooleanField(db_default=False)),
                ('written', models.JSONField(null=True)),
                ('drafted_at', models.DateTimeField(null=True)),
                ('send_on', models.DateField(null=True)),
                ('recurring', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='invoicing.recurringinvoice')),
                ('recurrence', models.IntegerField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(models.Q(('balance_minor__gt', 0), ('state', 'sent')), ('awaits_reissue', True), _connector='OR'), fields=['organization', 'due_on'], name='invoice_due'), models.Index(condition=models.Q(('send_on__isnull', False)), fields=['organization', 'send_on'], name='draft_due'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='invoice_of_chain'), models.Index(condition=models.Q(('run_id__isnull', False)), fields=['run_id'], name='invoice_of_run')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_invoice_per_number'), models.UniqueConstraint(condition=models.Q(('label', ''), _negated=True), fields=('organization', 'label'), name='one_invoice_per_label'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='invoice_balance_not_negative'), models.CheckConstraint(condition=models.Q(('awaits_reissue', False), models.Q(('balance_minor', 0), ('state', 'closed')), _connector='OR'), name='only_closed_awaits_reissue'), models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', True), ('number__isnull', True), ('state', 'draft'), ('written__isnull', False)), models.Q(('number__isnull', True), ('send_on__isnull', True), ('state', 'void'), ('written__isnull', True)), models.Q(models.Q(('state', 'draft'), _negated=True), ('batch__isnull', False), ('number__isnull', False), ('send_on__isnull', True), ('written__isnull', True)), _connector='OR'), name='only_a_draft_is_written'), models.UniqueConstraint(condition=models.Q(('recurring__isnull', False)), fields=('recurring', 'recurrence'), name='each_recurrence_once')],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('tax', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='invoicing.tax')),
                ('valid_from', models.DateField()),
                ('rate_ppm', models.IntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tax', 'valid_from'), name='one_tax_rate_per_day'), models.CheckConstraint(condition=models.Q(('rate_ppm__gte', 0), ('rate_ppm__lte', 1000000)), name='tax_rate_within_whole')],
            },
        ),
        migrations.CreateModel(
            name='CreditNote',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField()),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='invoicing.invoice')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.batch')),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('issued_on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('issued_by', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_credit_note_per_number'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='credit_note_takes_back')],
            },
        ),
        migrations.CreateModel(
            name='PayLink',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pay_links', to='invoicing.invoice')),
                ('created_by', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('revoked_by', models.CharField(blank=True, max_length=200)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('invoice',), name='one_pay_link_per_invoice')],
            },
        ),
        migrations.CreateModel(
            name='Receivable',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('kind', models.CharField(max_length=20)),
                ('source_id', models.UUIDField()),
                ('fee_id', models.UUIDField()),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('written_off_minor', models.BigIntegerField(db_default=0)),
                ('due_on', models.DateField()),
                ('position', models.SmallIntegerField(default=0)),
                ('is_primary', models.BooleanField(default=True)),
                ('voluntary', models.BooleanField(default=False)),
                ('basis', models.CharField(max_length=8)),
                ('deferred', models.BooleanField(default=False)),
                ('income_code', models.CharField(max_length=60)),
                ('fund', models.CharField(blank=True, db_default='', max_length=60)),
                ('state', models.CharField(default='open', max_length=12)),
                ('tax_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taxes', to='invoicing.receivable')),
                ('tax_rate', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.taxrate')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['party', 'due_on'], name='receivable_open'), models.Index(condition=models.Q(('state', 'open')), fields=['source_id'], name='receivable_open_of'), models.Index(condition=models.Q(('tax_of__isnull', False)), fields=['tax_of'], name='receivable_of_tax')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'canceled'), _negated=True), fields=('source_id', 'fee_id', 'period_start'), name='owed_once'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0), ('balance_minor__lte', models.F('amount_minor'))), name='balance_within_amount'), models.CheckConstraint(condition=models.Q(('written_off_minor__gte', 0), ('amount_minor__gte', django.db.models.expressions.CombinedExpression(models.F('balance_minor'), '+', models.F('written_off_minor')))), name='written_off_within_amount'), models.CheckConstraint(condition=models.Q(models.Q(('tax_of__isnull', True), ('tax_rate__isnull', True)), models.Q(('deferred', False), ('income_code', 'Tax'), ('tax_of__isnull', False), ('tax_rate__isnull', False)), _connector='OR'), name='tax_has_a_rate')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoicing.invoice')),
                ('receivable', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoicing.receivable')),
                ('position', models.SmallIntegerField()),
                ('description', models.CharField(max_length=300)),
                ('quantity', models.IntegerField(default=1)),
                ('unit_amount_minor', models.BigIntegerField()),
                ('amount_minor', models.BigIntegerField()),
                ('derivation', models.JSONField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CreditNoteLine',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('credit_note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoicing.creditnote')),
                ('receivable', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.receivable')),
                ('amount_minor', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
