"""What moved the money that gateways hold for us, as they told it."""

from typing import ClassVar

from django.db import models

from paidthru.organizations.models import Owned


class BalanceLine(Owned):
    """A movement of the money that a gateway holds for us, as it told it (minor units, signed; the fee apart). What it
    means for the books is posted once: fees, payouts and exchanges here, the rest by its own row.

    Where the gateway converted what the payer was charged (A-39), `charged_minor` and `charged_currency` are that,
    signed alike, and `exchange_rate` is the gateway's own; `currency` is what it settled in.
    """

    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    charged_currency = models.CharField(max_length=3, blank=True, db_default="")
    charged_minor = models.BigIntegerField(null=True)
    exchange_rate = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    source_ref = models.CharField(max_length=120, blank=True)
    payout_ref = models.CharField(max_length=120, blank=True)
    occurred_at = models.DateTimeField()
    occurred_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="one_line_per_gateway_ref"),
            models.CheckConstraint(
                condition=models.Q(charged_currency="", charged_minor=None)
                | (~models.Q(charged_currency="") & models.Q(charged_minor__isnull=False)),
                name="charged_in_a_currency",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "occurred_at", "id"], name="balance_line_by_time"),
            models.Index(fields=["organization", "payout_ref"], name="balance_line_of_payout"),
        ]
