"""Tables of the assessments room."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Owned
from paidthru.people.models import Unit


class Assessment(Owned):
    """An amount (minor units) that a unit owes again and again: for each period from `starts_on` (A-30).

    The n-th (from 0) is billed and due on the day that begins it; `made` are there, the next comes on `next_on` (none:
    it has ended), the last one on `ends_on` or before.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assessments")
    name = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    interval_count = models.SmallIntegerField()
    interval_unit = models.CharField(max_length=10)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    next_on = models.DateField(null=True)
    made = models.IntegerField(default=0)
    income_code = models.CharField(max_length=60)
    fund = models.CharField(max_length=60, blank=True)
    derivation = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, interval_count__gt=0),
                name="assessment_asks_for_something",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on", "id"],
                name="assessment_due",
                condition=models.Q(next_on__isnull=False),
            ),
        ]


class Levy(Owned):
    """A special assessment: an amount (minor units) raised once, split over the units (A-31)."""

    name = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=8)  # rules/splitting.py: share | equally | area
    due_on = models.DateField()
    instalments = models.SmallIntegerField()
    interval_unit = models.CharField(max_length=10)
    fund = models.CharField(max_length=60, blank=True)
    levied_at = models.DateTimeField()
    levied_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, instalments__gt=0), name="levy_asks_for_something"
            ),
        ]


class LevyPart(Owned):
    """An instalment of a unit's share of a levy (minor units): billed when it falls due, the first with the levy.
    `derivation` proves the unit's share. All parts of a levy sum to it."""

    levy = models.ForeignKey(Levy, on_delete=models.PROTECT, related_name="parts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="levy_parts")
    n = models.SmallIntegerField()
    weight = models.BigIntegerField()
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()
    derivation = models.JSONField()
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["levy", "unit", "n"], name="each_instalment_once"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, n__gt=0), name="levy_part_asks_for_something"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "due_on", "id"],
                name="levy_part_due",
                condition=models.Q(invoice__isnull=True),
            ),
        ]
