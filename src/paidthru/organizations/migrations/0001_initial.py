import django.db.models.deletion
import paidthru.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Install',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('one', models.BooleanField(default=True, unique=True)),
                ('fingerprint', models.UUIDField()),
                ('epoch', models.IntegerField()),
                ('place', models.CharField(blank=True, max_length=60)),
                ('earlier', models.JSONField(default=list)),
                ('frozen_at', models.DateTimeField(null=True)),
                ('frozen_kind', models.CharField(blank=True, max_length=10)),
                ('frozen_why', models.CharField(blank=True, max_length=300)),
                ('known_until', models.DateTimeField(null=True)),
                ('replayed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('one', True)), name='one_install')],
            },
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('preset', models.CharField(max_length=40)),
                ('currency', models.CharField(max_length=3)),
                ('zone', models.CharField(max_length=64)),
                ('locale', models.CharField(default='en_US', max_length=20)),
                ('mode', models.CharField(choices=[('live', 'Live'), ('sandbox', 'Sandbox')], default='sandbox', max_length=10)),
                ('sandbox_now', models.DateTimeField(null=True)),
                ('sandbox_goal', models.DateTimeField(null=True)),
                ('worker_stopped', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('mode', 'sandbox'), ('sandbox_now__isnull', False)), models.Q(('mode', 'live'), ('sandbox_now__isnull', True)), _connector='OR'), name='only_a_sandbox_has_its_own_clock')],
            },
        ),
        migrations.CreateModel(
            name='BrandLogo',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('kind', models.CharField(max_length=4)),
                ('content', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'digest'), name='one_row_per_logo')],
            },
        ),
        migrations.CreateModel(
            name='PolicyChange',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('scope', models.CharField(max_length=20)),
                ('scope_id', models.UUIDField(null=True)),
                ('values', models.JSONField()),
                ('comes_on', models.DateField()),
                ('asked_by', models.CharField(max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('planned', 'Planned'), ('made', 'Made'), ('withdrawn', 'Withdrawn'), ('refused', 'Refused')], default='planned', max_length=10)),
                ('ended_at', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('outcome', 'planned')), fields=['organization', 'comes_on'], name='planned_policy_changes')],
            },
        ),
        migrations.CreateModel(
            name='PolicyExample',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('source', models.CharField(max_length=200)),
                ('position', models.IntegerField()),
                ('created_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
                ('told_with', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ('failing', models.JSONField(db_default=[], default=list)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_policy_example_per_name')],
            },
        ),
        migrations.CreateModel(
            name='PolicySetting',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('scope', models.CharField(max_length=20)),
                ('scope_id', models.UUIDField(null=True)),
                ('key', models.CharField(max_length=60)),
                ('value', models.JSONField()),
                ('set_by', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'scope', 'scope_id', 'key'), name='one_value_per_scope_and_key', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=40)),
                ('next_value', models.BigIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_counter_per_series')],
            },
        ),
        migrations.CreateModel(
            name='SeriesGap',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=40)),
                ('first', models.BigIntegerField()),
                ('count', models.BigIntegerField()),
                ('reason', models.CharField(max_length=300)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'name'], name='organizatio_organiz_b110d8_idx')],
            },
        ),
        migrations.CreateModel(
            name='StaffRole',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'user', 'role'), name='one_row_per_role')],
            },
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('name', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='one_mark_per_name')],
            },
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('currency', models.CharField(max_length=3)),
                ('valid_on', models.DateField()),
                ('rate', models.DecimalField(decimal_places=12, max_digits=24)),
                ('source', models.CharField(max_length=120)),
                ('entered_by', models.CharField(max_length=200)),
                ('entered_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'currency', 'valid_on'), name='one_exchange_rate_a_day'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='OrganizationBrand',
            fields=[
                ('id', models.UUIDField(default=paidthru.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('number', models.IntegerField()),
                ('name', models.CharField(max_length=200)),
                ('address', models.TextField(blank=True)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('contact', models.TextField(blank=True)),
                ('tax_number', models.CharField(blank=True, max_length=60)),
                ('footer', models.TextField(blank=True)),
                ('payment', models.TextField(blank=True)),
                ('accent', models.CharField(max_length=7)),
                ('band', models.CharField(max_length=7)),
                ('logo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.brandlogo')),
                ('electronic', models.BooleanField(default=False)),
                ('set_by', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='one_brand_per_number')],
            },
        ),
    ]
