import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0002_exactly_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivable",
            name="written_off_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddConstraint(
            model_name="receivable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("written_off_minor__gte", 0),
                    ("amount_minor__gte", models.F("balance_minor") + models.F("written_off_minor")),
                ),
                name="written_off_within_amount",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="first",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="invoicing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="closed_because",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="invoice",
            name="awaits_reissue",
            field=models.BooleanField(db_default=False),
        ),
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoice_balance_within_total",
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance_minor__gte", 0)), name="invoice_balance_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("awaits_reissue", False))
                | models.Q(("balance_minor", 0), ("state", "closed")),
                name="only_closed_awaits_reissue",
            ),
        ),
        migrations.RemoveIndex(
            model_name="invoice",
            name="invoice_due",
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(
                    models.Q(("balance_minor__gt", 0), ("state", "sent")),
                    ("awaits_reissue", True),
                    _connector="OR",
                ),
                fields=["organization", "due_on"],
                name="invoice_due",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("first__isnull", False)), fields=["first"], name="invoice_of_chain"
            ),
        ),
    ]
