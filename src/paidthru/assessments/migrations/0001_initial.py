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
            name='Levy',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=200)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('method', models.CharField(max_length=8)),
                ('due_on', models.DateField()),
                ('instalments', models.SmallIntegerField()),
                ('interval_unit', models.CharField(max_length=10)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('levied_at', models.DateTimeField()),
                ('levied_by', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('instalments__gt', 0)), name='levy_asks_for_something')],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='people.unit')),
                ('name', models.CharField(max_length=200)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('interval_count', models.SmallIntegerField()),
                ('interval_unit', models.CharField(max_length=10)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('next_on', models.DateField(null=True)),
                ('made', models.IntegerField(default=0)),
                ('income_code', models.CharField(max_length=60)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('derivation', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_on__isnull', False)), fields=['organization', 'next_on', 'id'], name='assessment_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('interval_count__gt', 0)), name='assessment_asks_for_something')],
            },
        ),
        migrations.CreateModel(
            name='LevyPart',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('levy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='assessments.levy')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levy_parts', to='people.unit')),
                ('n', models.SmallIntegerField()),
                ('weight', models.BigIntegerField()),
                ('due_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('derivation', models.JSONField()),
                ('invoice', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('invoice__isnull', True)), fields=['organization', 'due_on', 'id'], name='levy_part_due')],
                'constraints': [models.UniqueConstraint(fields=('levy', 'unit', 'n'), name='each_instalment_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('n__gt', 0)), name='levy_part_asks_for_something')],
            },
        ),
    ]
