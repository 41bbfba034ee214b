import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SandboxMethod',
            fields=[
                ('token', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('customer_ref', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=10)),
                ('brand', models.CharField(max_length=40)),
                ('last4', models.CharField(max_length=4)),
                ('exp_month', models.SmallIntegerField(null=True)),
                ('exp_year', models.SmallIntegerField(null=True)),
                ('fingerprint', models.CharField(max_length=64)),
                ('test_code', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SandboxIntent',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('customer_ref', models.CharField(max_length=120)),
                ('amount_minor', models.BigIntegerField()),
                ('received_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(default='requires_confirmation', max_length=30)),
                ('method_token', models.CharField(blank=True, max_length=40)),
                ('decline_code', models.CharField(blank=True, max_length=60)),
                ('message', models.CharField(blank=True, max_length=300)),
                ('metadata', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
                ('charge_ref', models.CharField(blank=True, max_length=40)),
                ('clears_at', models.DateTimeField(null=True)),
                ('fails_with', models.CharField(blank=True, max_length=60)),
                ('held', models.JSONField(null=True)),
                ('unheard', models.BooleanField(default=False)),
                ('return_url', models.CharField(blank=True, db_default='', max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'created_at', 'ref'], name='sandbox_intent_by_time'), models.Index(fields=['organization_id', 'customer_ref'], name='sandbox_intent_by_customer'), models.Index(condition=models.Q(('clears_at__isnull', False)), fields=['organization_id', 'clears_at'], name='sandbox_intent_clearing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='sandbox_intent_has_amount'), models.CheckConstraint(condition=models.Q(('status__in', ['requires_confirmation', 'requires_action', 'requires_payment_method', 'processing', 'succeeded', 'canceled'])), name='sandbox_intent_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('received_minor', models.F('amount_minor')), ('status', 'succeeded'), ('taken_at__isnull', False)), models.Q(models.Q(('status', 'succeeded'), _negated=True), ('received_minor', 0), ('taken_at__isnull', True)), _connector='OR'), name='sandbox_intent_money_with_success')],
            },
        ),
        migrations.CreateModel(
            name='SandboxKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.UUIDField()),
                ('key', models.CharField(max_length=200)),
                ('digest', models.BinaryField()),
                ('reply', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'key'), name='sandbox_key_once')],
            },
        ),
        migrations.CreateModel(
            name='SandboxPayout',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('paid_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'currency', 'paid_at'], name='sandbox_payout_by_time')],
            },
        ),
        migrations.CreateModel(
            name='SandboxScript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.UUIDField()),
                ('customer_ref', models.CharField(max_length=120)),
                ('behaviour', models.CharField(max_length=20)),
                ('code', models.CharField(blank=True, max_length=60)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'customer_ref'), name='sandbox_script_once')],
            },
        ),
        migrations.CreateModel(
            name='SandboxEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.UUIDField()),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='sandbox.sandboxintent')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=30)),
                ('detail', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='SandboxSetup',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('customer_ref', models.CharField(max_length=120)),
                ('return_url', models.CharField(blank=True, max_length=500)),
                ('status', models.CharField(default='open', max_length=10)),
                ('method', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sandbox.sandboxmethod')),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SandboxDispute',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='sandbox.sandboxintent')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(max_length=20)),
                ('is_return', models.BooleanField()),
                ('code', models.CharField(blank=True, max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('fee_minor', models.BigIntegerField(db_default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'opened_at'], name='sandbox_dispute_by_time')],
            },
        ),
        migrations.CreateModel(
            name='SandboxCharge',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('intent', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='charge', to='sandbox.sandboxintent')),
                ('customer_ref', models.CharField(max_length=120)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('taken_at', models.DateTimeField()),
                ('fee_minor', models.BigIntegerField(db_default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'taken_at'], name='sandbox_charge_by_time')],
            },
        ),
        migrations.CreateModel(
            name='SandboxRefund',
            fields=[
                ('ref', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='sandbox.sandboxintent')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(max_length=20)),
                ('failure_code', models.CharField(blank=True, max_length=60)),
                ('metadata', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'created_at'], name='sandbox_refund_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='sandbox_refund_gives_something')],
            },
        ),
    ]
