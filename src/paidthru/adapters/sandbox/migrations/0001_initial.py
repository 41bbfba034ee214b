import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SandboxMethod",
            fields=[
                ("token", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField()),
                ("customer_ref", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=10)),
                ("brand", models.CharField(max_length=40)),
                ("last4", models.CharField(max_length=4)),
                ("exp_month", models.SmallIntegerField(null=True)),
                ("exp_year", models.SmallIntegerField(null=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("test_code", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SandboxIntent",
            fields=[
                ("ref", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField()),
                ("customer_ref", models.CharField(max_length=120)),
                ("amount_minor", models.BigIntegerField()),
                ("received_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("status", models.CharField(default="requires_confirmation", max_length=30)),
                ("method_token", models.CharField(blank=True, max_length=40)),
                ("decline_code", models.CharField(blank=True, max_length=60)),
                ("message", models.CharField(blank=True, max_length=300)),
                ("metadata", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("charge_ref", models.CharField(blank=True, max_length=40)),
                ("clears_at", models.DateTimeField(null=True)),
                ("fails_with", models.CharField(blank=True, max_length=60)),
                ("held", models.JSONField(null=True)),
                ("unheard", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization_id", "created_at", "ref"], name="sandbox_intent_by_time"
                    ),
                    models.Index(
                        fields=["organization_id", "customer_ref"], name="sandbox_intent_by_customer"
                    ),
                    models.Index(
                        condition=models.Q(("clears_at__isnull", False)),
                        fields=["organization_id", "clears_at"],
                        name="sandbox_intent_clearing",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="sandbox_intent_has_amount"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "requires_confirmation",
                                    "requires_action",
                                    "requires_payment_method",
                                    "processing",
                                    "succeeded",
                                    "canceled",
                                ],
                            )
                        ),
                        name="sandbox_intent_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("received_minor", models.F("amount_minor")),
                                ("status", "succeeded"),
                                ("taken_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "succeeded"), _negated=True),
                                ("received_minor", 0),
                                ("taken_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="sandbox_intent_money_with_success",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=30)),
                ("detail", models.JSONField(default=dict)),
                (
                    "intent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="sandbox.sandboxintent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SandboxKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("digest", models.BinaryField()),
                ("reply", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "key"), name="sandbox_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxScript",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("customer_ref", models.CharField(max_length=120)),
                ("behaviour", models.CharField(max_length=20)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "customer_ref"), name="sandbox_script_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxCharge",
            fields=[
                ("ref", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField()),
                ("customer_ref", models.CharField(max_length=120)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("taken_at", models.DateTimeField()),
                (
                    "intent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge",
                        to="sandbox.sandboxintent",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organization_id", "taken_at"], name="sandbox_charge_by_time")
                ],
            },
        ),
    ]
