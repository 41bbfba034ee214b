"""Tables of the giving room."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models.functions import ExtractYear

from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Owned
from paidthru.payments.models import PaymentMethod
from paidthru.people.models import Party


class Campaign(Owned):
    """What is raised for (A-20): a goal (minor units), and the local days on which it takes donations, `ends_on` the
    last of them. Its page is /give/SLUG (A-21)."""

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=60)
    story = models.TextField(blank=True)
    goal_minor = models.BigIntegerField()
    minimum_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    fund = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_campaign_per_name"),
            models.UniqueConstraint(fields=["organization", "slug"], name="one_campaign_per_link"),
            models.CheckConstraint(
                condition=models.Q(goal_minor__gt=0, minimum_minor__gt=0), name="campaign_asks_for_something"
            ),
        ]


class Gift(Owned):
    """The consent to give an amount (minor units) again and again (A-20), by the donor's payment method on file, or
    by a `method` that was given for it alone: whatever becomes of a membership. The n-th donation (from 0) falls due n
    intervals after `anchor_on`; `made` are there, the next comes on `next_on` (none: stopped, or paused by the donor or
    after too many declines)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    interval_count = models.SmallIntegerField()
    interval_unit = models.CharField(max_length=10)
    anchor_on = models.DateField()
    made = models.IntegerField(default=0)
    next_on = models.DateField(null=True)
    state = models.CharField(max_length=8)  # begun (its first isn't paid yet) | active | paused | stopped
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, related_name="+")
    fund = models.CharField(max_length=60, blank=True)
    anonymous = models.BooleanField(default=False)
    in_honour_of = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=8)
    consent_text = models.TextField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, interval_count__gt=0), name="gift_gives_something"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on", "id"],
                name="gift_due",
                condition=models.Q(next_on__isnull=False),
            ),
        ]


class Donation(Owned):
    """Something given, or tried to be (A-24): an amount (minor units) on a local day. It stands on an invoice of its
    own, of kind `donation`, and is voluntary: what isn't paid is not owed. `n` counts a gift's donations from 0;
    `advantage_minor` is the value of what the donor got in return (tax receipts, A-25)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="donations")
    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, null=True, related_name="donations")
    n = models.IntegerField(default=0)
    amount_minor = models.BigIntegerField()
    advantage_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    given_on = models.DateField()
    channel = models.CharField(max_length=8)  # portal | public | staff | schedule
    method = models.CharField(max_length=20)  # card | bank | check | cash | ...: the kind of payment
    fund = models.CharField(max_length=60, blank=True)
    anonymous = models.BooleanField(default=False)
    in_honour_of = models.CharField(max_length=200, blank=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="+")
    retry_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["gift", "n"], name="each_date_of_a_gift_once", condition=models.Q(gift__isnull=False)
            ),
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0, advantage_minor__gte=0, advantage_minor__lte=models.F("amount_minor")
                ),
                name="donation_gives_something",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-given_on", "-id"], name="donation_newest"),
            models.Index(fields=["party", "-given_on"], name="donation_of_party"),
            models.Index(
                fields=["organization", "retry_on"],
                name="donation_to_retry",
                condition=models.Q(retry_on__isnull=False),
            ),
        ]


class Pledge(Owned):
    """A promise to give an amount (minor units) in instalments (A-26). `basis` is fixed when it is made: on accrual all
    of it is income then, and stands in Pledges until it is billed. `written_down_minor` was given up since."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="pledges")
    amount_minor = models.BigIntegerField()
    written_down_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=8)  # accrual | cash
    fund = models.CharField(max_length=60, blank=True)
    made_on = models.DateField()
    channel = models.CharField(max_length=8)  # portal | staff
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0,
                    written_down_minor__gte=0,
                    written_down_minor__lte=models.F("amount_minor"),
                ),
                name="pledge_promises_something",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-made_on", "-id"], name="pledge_newest"),
            models.Index(fields=["party"], name="pledge_of_party"),
        ]


class PledgePart(Owned):
    """An instalment of a pledge (minor units), billed on its local date. All parts of a pledge sum to what it still
    promises."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="parts")
    n = models.SmallIntegerField()
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pledge", "n"], name="each_part_of_a_pledge_once"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, n__gt=0), name="pledge_part_asks_for_something"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "due_on", "id"],
                name="pledge_part_due",
                condition=models.Q(invoice__isnull=True),
            ),
        ]


class TaxReceipt(Owned):
    """What a donor is told for their taxes of one donation or one instalment of a pledge (`source_id`), in minor units
    (A-25): of what came of it in one calendar year, the last of it on `given_on`. Numbers are gapless. It is never
    changed: where money went back it is `void`, and another one may `replace` it. `held_back`: staff voided it, and
    none takes its place until they issue one. Name and address are those of its day."""

    number = models.BigIntegerField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    source_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    advantage_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    given_on = models.DateField()
    issued_on = models.DateField()
    country = models.CharField(max_length=2, blank=True)
    donor = models.CharField(max_length=450)
    address = models.TextField(blank=True)
    statement = models.TextField(blank=True)
    state = models.CharField(max_length=6, default="issued")  # issued | void
    held_back = models.BooleanField(default=False, db_default=False)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    issued_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_tax_receipt_per_number"),
            models.UniqueConstraint(
                "source_id",
                ExtractYear("given_on"),
                name="one_valid_receipt_per_gift_and_year",
                condition=models.Q(state="issued"),
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, advantage_minor__gte=0),
                name="receipt_is_for_something",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["party", "-given_on"], name="tax_receipt_of_party"),
            models.Index(fields=["source_id"], name="tax_receipt_held", condition=models.Q(held_back=True)),
        ]

    @property
    def gift_year(self) -> tuple[UUID, int]:
        """What it is for."""
        return self.source_id, self.given_on.year


class GiftAidDeclaration(Owned):
    """A donor of a charity in the United Kingdom lets it claim Gift Aid (A-25), on what they give from `from_on`
    through the day before `until_on` (None: until they withdraw it), both local. Name, address, postcode and the words
    that they agreed to are those of its day; it is never deleted, for HMRC asks for it years later."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    donor = models.CharField(max_length=200)
    address = models.TextField()
    postcode = models.CharField(max_length=20)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    statement = models.TextField()
    channel = models.CharField(max_length=6)  # portal | public | staff
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party"], name="one_gift_aid_declaration_in_force", condition=models.Q(until_on=None)
            ),
        ]


class GiftAidClaim(Owned):
    """What was claimed from HMRC in one go: `tax_minor` (pence) of its lines, less what was claimed and went back."""

    number = models.BigIntegerField()
    made_on = models.DateField()
    made_by = models.CharField(max_length=200)
    tax_minor = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_gift_aid_claim_per_number"),
        ]


class GiftAidLine(Owned):
    """One donation of a claim, by its tax receipt: the gift and the tax on it, in pence. `taken_back_in` is the claim
    that gave its tax back, where the receipt became void afterwards."""

    claim = models.ForeignKey(GiftAidClaim, on_delete=models.PROTECT, related_name="lines")
    receipt = models.OneToOneField(TaxReceipt, on_delete=models.PROTECT, related_name="+")
    declaration = models.ForeignKey(GiftAidDeclaration, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    taken_back_in = models.ForeignKey(GiftAidClaim, on_delete=models.PROTECT, null=True, related_name="+")
