import django.db.models.deletion
import django.db.models.functions.text
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.BigIntegerField()),
                ('external_id', models.CharField(max_length=100, null=True)),
                ('kind', models.CharField(default='person', max_length=12)),
                ('name', models.CharField(max_length=450)),
                ('given_name', models.CharField(blank=True, max_length=200)),
                ('family_name', models.CharField(blank=True, max_length=200)),
                ('organization_name', models.CharField(blank=True, max_length=200)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=60)),
                ('customer_type', models.CharField(blank=True, max_length=60)),
                ('notes', models.TextField(blank=True)),
                ('tax_exempt', models.CharField(blank=True, db_default='', max_length=200)),
                ('autopay', models.BooleanField(db_default=False, default=False)),
                ('address', models.TextField(blank=True, db_default='')),
                ('country', models.CharField(blank=True, db_default='', max_length=2)),
                ('language', models.CharField(blank=True, db_default='', max_length=8)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(models.F('organization'), django.db.models.functions.text.Lower('name'), models.F('id'), name='party_by_name')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_party_per_number'), models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('organization', 'external_id'), name='one_party_per_external_id')],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=100)),
                ('share', models.BigIntegerField(default=0)),
                ('area', models.BigIntegerField(default=0)),
                ('address', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('organization'), django.db.models.functions.text.Lower('name'), name='one_unit_per_name'), models.CheckConstraint(condition=models.Q(('area__gte', 0), ('share__gte', 0)), name='unit_weights_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='BillingContact',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization',), name='one_billing_contact')],
            },
        ),
        migrations.CreateModel(
            name='Belonging',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('role', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('party', 'group'), name='one_stay_at_a_time'), models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('from_on')), _connector='OR'), name='a_stay_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='people.unit')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='people.party')),
                ('role', models.CharField(max_length=6)),
                ('autopay', models.BooleanField(default=False)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('role', 'owner'), ('until_on__isnull', True)), fields=('unit',), name='one_owner_at_a_time'), models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gte', models.F('from_on')), _connector='OR'), name='holding_ends_after_it_begins')],
            },
        ),
    ]
