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
            name='Case',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('receivable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='invoicing.receivable')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('membership_id', models.UUIDField()),
                ('opened_on', models.DateField()),
                ('opened_at', models.DateTimeField()),
                ('why', models.CharField(max_length=10)),
                ('ladder', models.JSONField()),
                ('state', models.CharField(default='open', max_length=6)),
                ('for_staff', models.BooleanField(default=False)),
                ('next_on', models.DateField(null=True)),
                ('tries_seen', models.IntegerField(default=-1)),
                ('closed_on', models.DateField(null=True)),
                ('closed_because', models.CharField(blank=True, default='', max_length=14)),
                ('closed_why', models.CharField(blank=True, default='', max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['organization', 'next_on'], name='case_open'), models.Index(fields=['organization', 'opened_on', 'id'], name='case_in_order'), models.Index(fields=['receivable', 'id'], name='case_of_receivable')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('receivable',), name='one_open_case_per_receivable'), models.CheckConstraint(condition=models.Q(models.Q(('closed_because', ''), ('closed_on__isnull', True), ('state', 'open')), models.Q(('closed_on__isnull', False), ('state', 'closed'), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='closed_case_has_its_reason')],
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='dunning.case')),
                ('kind', models.CharField(max_length=11)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField()),
                ('owed_minor', models.BigIntegerField()),
                ('why', models.CharField(blank=True, max_length=300)),
                ('made_by', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('ended', models.CharField(blank=True, default='', max_length=7)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended', '')), fields=('case',), name='one_pause_at_a_time'), models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='pause_ends_after_its_start')],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='dunning.case')),
                ('key', models.CharField(max_length=10)),
                ('mail', models.CharField(blank=True, max_length=30)),
                ('state', models.CharField(max_length=8)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('due_on', models.DateField()),
                ('done_at', models.DateTimeField()),
                ('done_by', models.CharField(max_length=200)),
                ('message_key', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('case', 'key'), name='no_step_twice')],
            },
        ),
        migrations.CreateModel(
            name='PromisedPart',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('pause', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='dunning.pause')),
                ('due_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pause', 'due_on'), name='one_part_per_date'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='part_is_positive')],
            },
        ),
    ]
