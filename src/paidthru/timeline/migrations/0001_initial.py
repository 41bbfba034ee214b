import django.db.models.deletion
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor', models.CharField(max_length=200)),
                ('verb', models.CharField(max_length=60)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('party_id', models.UUIDField(null=True)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('facts', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('party_id__isnull', False)), fields=['party_id', 'id'], name='event_of_party'), models.Index(fields=['subject_id', 'id'], name='event_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('key', models.CharField(max_length=200)),
                ('action', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('outcome', models.JSONField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='one_outcome_per_key')],
            },
        ),
        migrations.CreateModel(
            name='InboxCount',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('gateway', models.CharField(max_length=20)),
                ('what', models.CharField(max_length=20)),
                ('count', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'gateway', 'what'), name='one_count_of_each_kind')],
            },
        ),
        migrations.CreateModel(
            name='InboxEvent',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('gateway', models.CharField(max_length=20)),
                ('livemode', models.BooleanField()),
                ('event_id', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=80)),
                ('object_kind', models.CharField(max_length=20)),
                ('object_ref', models.CharField(max_length=120)),
                ('intent_ref', models.CharField(blank=True, max_length=120)),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(default='new', max_length=10)),
                ('tries', models.SmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['organization', 'next_try_at'], name='inbox_waiting')],
                'constraints': [models.UniqueConstraint(fields=('gateway', 'livemode', 'event_id'), name='one_row_per_event')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('party_id', models.UUIDField(null=True)),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=120)),
                ('facts', models.JSONField(default=dict)),
                ('written_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_to', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('tries', models.SmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['organization', 'next_try_at'], name='message_waiting'), models.Index(condition=models.Q(('state__in', ('failed', 'dropped'))), fields=['organization', 'written_at'], name='message_not_sent'), models.Index(fields=['organization', 'written_at', 'id'], name='message_in_order'), models.Index(fields=['party_id', 'id'], name='message_of_party')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='one_message_per_occasion')],
            },
        ),
    ]
