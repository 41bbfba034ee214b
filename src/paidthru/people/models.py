"""Tables of the people room."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from paidthru.organizations.models import Owned


class Party(Owned):
    """A person, a household or an organization. `external_id` is its id in the roster it came from, unique where given.

    A `payer` was typed in for an invoice and is nobody's member (A-12).
    """

    number = models.BigIntegerField()
    external_id = models.CharField(max_length=100, null=True)
    kind = models.CharField(max_length=12, default="person")  # person | household | organization | payer
    name = models.CharField(max_length=450)
    given_name = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    organization_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    customer_type = models.CharField(max_length=60, blank=True)
    notes = models.TextField(blank=True)
    tax_exempt = models.CharField(max_length=200, blank=True, db_default="")  # why, where no tax is billed
    # Agreed to be charged by itself for what is owed apart from dues and homes, without a membership too (X21).
    autopay = models.BooleanField(default=False, db_default=False)
    # Where documents go, and in which language: postal lines, a country's two letters, a language code.
    address = models.TextField(blank=True, db_default="")
    country = models.CharField(max_length=2, blank=True, db_default="")
    language = models.CharField(max_length=8, blank=True, db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_party_per_number"),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                name="one_party_per_external_id",
                condition=models.Q(external_id__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index("organization", Lower("name"), "id", name="party_by_name")
        ]


class BillingContact(Owned):
    """Who is mailed whenever somebody buys something that is billed (G-46): one party of an organization, or none."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization"], name="one_billing_contact"),
        ]


class Belonging(Owned):
    """That somebody belongs to a household or company on the local days in [from_on, until_on), until_on None for as
    long as nobody ends it. A stay that was ended before it began is over as it starts, and covers no day."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    role = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party", "group"], name="one_stay_at_a_time", condition=models.Q(until_on=None)
            ),
            models.CheckConstraint(
                condition=models.Q(until_on=None) | models.Q(until_on__gte=models.F("from_on")),
                name="a_stay_ends_after_it_begins",
            ),
        ]


class Unit(Owned):
    """A home, a lot or a flat: what assessments are billed to (A-29). `share` and `area` are weights for splitting, 0
    where it has none; only their proportion counts."""

    name = models.CharField(max_length=100)
    share = models.BigIntegerField(default=0)
    area = models.BigIntegerField(default=0)
    address = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("organization", Lower("name"), name="one_unit_per_name"),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, area__gte=0), name="unit_weights_not_negative"
            ),
        ]


class Holding(Owned):
    """Who owned or rented a unit, on local days [from_on, until_on) (None: still does). The owner pays, by themselves
    where they agreed to `autopay` for it."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="holdings")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=6)  # owner | tenant
    autopay = models.BooleanField(default=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["unit"],
                name="one_owner_at_a_time",
                condition=models.Q(role="owner", until_on__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="holding_ends_after_it_begins",
            ),
        ]
