import django.db.models.deletion
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('invoicing', '0001_initial'),
        ('organizations', '0001_initial'),
        ('payments', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=200)),
                ('slug', models.CharField(max_length=60)),
                ('story', models.TextField(blank=True)),
                ('goal_minor', models.BigIntegerField()),
                ('minimum_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('closed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_campaign_per_name'), models.UniqueConstraint(fields=('organization', 'slug'), name='one_campaign_per_link'), models.CheckConstraint(condition=models.Q(('goal_minor__gt', 0), ('minimum_minor__gt', 0)), name='campaign_asks_for_something')],
            },
        ),
        migrations.CreateModel(
            name='TaxReceipt',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField()),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('source_id', models.UUIDField()),
                ('amount_minor', models.BigIntegerField()),
                ('advantage_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('given_on', models.DateField()),
                ('issued_on', models.DateField()),
                ('country', models.CharField(blank=True, max_length=2)),
                ('donor', models.CharField(max_length=450)),
                ('address', models.TextField(blank=True)),
                ('statement', models.TextField(blank=True)),
                ('state', models.CharField(default='issued', max_length=6)),
                ('held_back', models.BooleanField(db_default=False, default=False)),
                ('replaces', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='giving.taxreceipt')),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['party', '-given_on'], name='tax_receipt_of_party'), models.Index(condition=models.Q(('held_back', True)), fields=['source_id'], name='tax_receipt_held')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_tax_receipt_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('source_id',), name='one_valid_receipt_per_gift'), models.CheckConstraint(condition=models.Q(('advantage_minor__gte', 0), ('amount_minor__gt', 0)), name='receipt_is_for_something')],
            },
        ),
        migrations.CreateModel(
            name='Gift',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('campaign', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='giving.campaign')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('interval_count', models.SmallIntegerField()),
                ('interval_unit', models.CharField(max_length=10)),
                ('anchor_on', models.DateField()),
                ('made', models.IntegerField(default=0)),
                ('next_on', models.DateField(null=True)),
                ('state', models.CharField(max_length=8)),
                ('method', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.paymentmethod')),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('anonymous', models.BooleanField(default=False)),
                ('in_honour_of', models.CharField(blank=True, max_length=200)),
                ('channel', models.CharField(max_length=8)),
                ('consent_text', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_on__isnull', False)), fields=['organization', 'next_on', 'id'], name='gift_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('interval_count__gt', 0)), name='gift_gives_something')],
            },
        ),
        migrations.CreateModel(
            name='Pledge',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('campaign', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pledges', to='giving.campaign')),
                ('amount_minor', models.BigIntegerField()),
                ('written_down_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('basis', models.CharField(max_length=8)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('made_on', models.DateField()),
                ('channel', models.CharField(max_length=8)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', '-made_on', '-id'], name='pledge_newest'), models.Index(fields=['party'], name='pledge_of_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('written_down_minor__gte', 0), ('written_down_minor__lte', models.F('amount_minor'))), name='pledge_promises_something')],
            },
        ),
        migrations.CreateModel(
            name='Donation',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('campaign', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='donations', to='giving.campaign')),
                ('gift', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='donations', to='giving.gift')),
                ('n', models.IntegerField(default=0)),
                ('amount_minor', models.BigIntegerField()),
                ('advantage_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('given_on', models.DateField()),
                ('channel', models.CharField(max_length=8)),
                ('method', models.CharField(max_length=20)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('anonymous', models.BooleanField(default=False)),
                ('in_honour_of', models.CharField(blank=True, max_length=200)),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
                ('retry_on', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', '-given_on', '-id'], name='donation_newest'), models.Index(fields=['party', '-given_on'], name='donation_of_party'), models.Index(condition=models.Q(('retry_on__isnull', False)), fields=['organization', 'retry_on'], name='donation_to_retry')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gift__isnull', False)), fields=('gift', 'n'), name='each_date_of_a_gift_once'), models.CheckConstraint(condition=models.Q(('advantage_minor__gte', 0), ('advantage_minor__lte', models.F('amount_minor')), ('amount_minor__gt', 0)), name='donation_gives_something')],
            },
        ),
        migrations.CreateModel(
            name='PledgePart',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('pledge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='giving.pledge')),
                ('n', models.SmallIntegerField()),
                ('due_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('invoice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('invoice__isnull', True)), fields=['organization', 'due_on', 'id'], name='pledge_part_due')],
                'constraints': [models.UniqueConstraint(fields=('pledge', 'n'), name='each_part_of_a_pledge_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('n__gt', 0)), name='pledge_part_asks_for_something')],
            },
        ),
    ]
