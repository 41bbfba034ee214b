"""Invoices have a label, what people read for their number: so far the number itself."""

import django.db.models.deletion
import paidthru.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0009_open_of_source'),
        ('ledger', '0004_closed_periods'),
        ('organizations', '0006_brands'),
        ('people', '0006_units'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberStretch',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('first_number', models.BigIntegerField()),
                ('prefix', models.CharField(blank=True, max_length=60)),
                ('width', models.SmallIntegerField()),
                ('first_value', models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='invoice',
            name='label',
            field=models.CharField(blank=True, db_default='', max_length=60),
        ),
        migrations.RunSQL(
            "UPDATE invoicing_invoice SET label = number::text WHERE number IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('label', ''), _negated=True), fields=('organization', 'label'), name='one_invoice_per_label'),
        ),
        migrations.AddField(
            model_name='numberstretch',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization'),
        ),
        migrations.AddConstraint(
            model_name='numberstretch',
            constraint=models.UniqueConstraint(fields=('organization', 'first_number'), name='one_stretch_per_number'),
        ),
    ]
