"""Tables of the visits room."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class VisitPrice(Owned):
    """What a visit costs (minor units), at all times or in its windows (`rules/windows.py`): for somebody who is no
    member, and for a member beyond what their plan includes (C-26)."""

    name = models.CharField(max_length=100)
    non_member_minor = models.BigIntegerField()
    overage_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    windows = models.JSONField(default=list)
    income_code = models.CharField(max_length=60)
    fund = models.CharField(max_length=60, blank=True)
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="one_visit_price_per_name",
                condition=models.Q(closed=False),
            ),
            models.CheckConstraint(
                condition=models.Q(non_member_minor__gte=0, overage_minor__gte=0),
                name="visit_price_not_negative",
            ),
        ]


class Visit(Owned):
    """Somebody came (C-27). `verdict` says what it is (`rules/counting.py`), `amount_minor` what it costs by `price`,
    `why` in a sentence. `cycle_on` is the first local day of the cycle that it counts in; it is billed on `bill_on`,
    at once or when that cycle is over (`visits.collect`); none where it costs nothing."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField(null=True)
    price = models.ForeignKey(VisitPrice, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    on = models.DateField()
    cycle_on = models.DateField(null=True)
    channel = models.CharField(max_length=6)  # kiosk | staff
    verdict = models.CharField(max_length=10)
    why = models.CharField(max_length=300)
    amount_minor = models.BigIntegerField()
    bill_on = models.DateField(null=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="visit_not_negative"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["party", "at"], name="visit_of_party"),
            models.Index(fields=["organization", "-at"], name="visit_newest"),
            models.Index(
                fields=["organization", "bill_on", "party"],
                name="visit_to_bill",
                condition=models.Q(bill_on__isnull=False, invoice__isnull=True),
            ),
        ]
