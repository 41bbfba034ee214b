import django.db.models.deletion
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('invoicing', '0001_initial'),
        ('organizations', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitPrice',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=100)),
                ('non_member_minor', models.BigIntegerField()),
                ('overage_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('windows', models.JSONField(default=list)),
                ('income_code', models.CharField(max_length=60)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('closed', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed', False)), fields=('organization', 'name'), name='one_visit_price_per_name'), models.CheckConstraint(condition=models.Q(('non_member_minor__gte', 0), ('overage_minor__gte', 0)), name='visit_price_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('membership_id', models.UUIDField(null=True)),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='visits.visitprice')),
                ('at', models.DateTimeField()),
                ('on', models.DateField()),
                ('cycle_on', models.DateField(null=True)),
                ('channel', models.CharField(max_length=6)),
                ('verdict', models.CharField(max_length=10)),
                ('why', models.CharField(max_length=300)),
                ('amount_minor', models.BigIntegerField()),
                ('bill_on', models.DateField(null=True)),
                ('invoice', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
            ],
            options={
                'indexes': [models.Index(fields=['party', 'at'], name='visit_of_party'), models.Index(fields=['organization', '-at'], name='visit_newest'), models.Index(condition=models.Q(('bill_on__isnull', False), ('invoice__isnull', True)), fields=['organization', 'bill_on', 'party'], name='visit_to_bill')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='visit_not_negative')],
            },
        ),
    ]
