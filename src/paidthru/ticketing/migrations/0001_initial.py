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
            name='TicketedEvent',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=200)),
                ('starts_on', models.DateField(null=True)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('capacity', models.IntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('sale_from', models.DateField(null=True)),
                ('sale_until', models.DateField(null=True)),
                ('hold_minutes', models.IntegerField(default=15)),
                ('income_code', models.CharField(max_length=60)),
                ('fund', models.CharField(blank=True, max_length=60)),
                ('closed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_ticketed_event_per_name'), models.CheckConstraint(condition=models.Q(('capacity__gt', 0), ('hold_minutes__gt', 0), ('price_minor__gte', 0)), name='ticketed_event_is_possible')],
            },
        ),
        migrations.CreateModel(
            name='TicketOrder',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='ticketing.ticketedevent')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('invoice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
                ('channel', models.CharField(max_length=6)),
                ('held_until', models.DateTimeField(null=True)),
                ('ordered_at', models.DateTimeField()),
                ('let_go', models.BooleanField(default=False)),
                ('said', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('held_until__isnull', False)), fields=['organization', 'held_until'], name='ticket_order_held'), models.Index(condition=models.Q(('let_go', True)), fields=['organization', 'ordered_at'], name='ticket_order_let_go')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='ticketing.ticketorder')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='ticketing.ticketedevent')),
                ('code', models.CharField(max_length=12)),
                ('state', models.CharField(max_length=10)),
                ('checked_in_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['event', 'state'], name='ticket_of_event'), models.Index(condition=models.Q(('state', 'held')), fields=['organization', 'order'], name='ticket_held')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'code'), name='one_ticket_per_code'), models.CheckConstraint(condition=models.Q(('state__in', ('held', 'sold', 'checked_in', 'refunded', 'lapsed'))), name='ticket_state_known')],
            },
        ),
    ]
