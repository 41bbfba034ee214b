"""Tables of the membership room."""

from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce, Now, Upper

from paidthru.invoicing.models import Tax
from paidthru.ledger.models import Batch
from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class ProrateTable(Owned):
    """Twelve factors, month 1 of the fiscal year first, as exact decimal texts (G-38)."""

    name = models.CharField(max_length=100)
    factors = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_prorate_table_per_name"),
        ]


class Plan(Owned):
    """What a member can belong to. Its price is its primary Fee; a plan without one cannot be billed (A-04)."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)  # subscription | prepaid | pay_as_you_go | non_recurring | free
    currency = models.CharField(max_length=3)
    interval_count = models.SmallIntegerField(default=1)
    interval_unit = models.CharField(max_length=10, default="year")
    override_months = models.SmallIntegerField(null=True)
    prorate = models.CharField(max_length=10, blank=True)  # '' = the policy | none | months | days | table
    prorate_table = models.ForeignKey(ProrateTable, on_delete=models.PROTECT, null=True, related_name="+")
    income_code = models.CharField(max_length=60, default="Income:Dues")
    fund = models.CharField(max_length=60, blank=True)
    tax = models.ForeignKey(Tax, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    is_default = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)
    seats = models.IntegerField(
        null=True
    )  # people of a household or company whom it covers; None: all of them
    trial_days = models.SmallIntegerField(
        default=0, db_default=0
    )  # days before the first term that cost nothing
    included_visits = models.SmallIntegerField(
        null=True
    )  # visits of a cycle that cost nothing; None: any number
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_plan_per_name"),
            models.UniqueConstraint(
                fields=["organization"], name="one_default_plan", condition=models.Q(is_default=True)
            ),
        ]


class Fee(Owned):
    """An item billed with a plan, in minor units of the plan's currency. The primary one is the plan's price."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="fees")
    name = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    position = models.SmallIntegerField(default=0)
    is_primary = models.BooleanField(default=False)
    voluntary = models.BooleanField(default=False)
    complimentary = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["plan"], name="one_price_per_plan", condition=models.Q(is_primary=True, closed=False)
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="fee_is_not_negative"),
        ]


class PriceChange(Owned):
    """A fee's price (minor units of its plan's currency) for terms that start on a day to come or later. Once the day
    has come it is the fee's own, and this row is gone."""

    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="changes", db_index=False)
    from_on = models.DateField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["fee", "from_on"], name="one_price_change_per_day"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0), name="changed_price_is_not_negative"
            ),
        ]


class Membership(Owned):
    """A party's belonging to a plan.

    `anchor_on` is the day from which every period is counted. `renewed_through` and `paid_through` are the last days
    (inclusive) that are billed and paid; `next_bill_on` is the start of the next term that bills by itself, none
    where nothing will. An invariant proves the three from the terms. `unpaid_since` is the local date of the first
    failure or missed cycle that is still open; it makes the label, with the policy.

    `cancel_on` is the day from which an ending membership is over, `ends_into` what then becomes of the member.
    `next_plan` is the plan from the next renewal on. `trial_until` is the first day after a trial. `follows` is the
    ended membership that this one goes on from (restart, downgrade, switch).

    `payer` is who pays for it, where that is not `party` (C-25): its terms are asked of the payer. `autopay` is the
    consent of whoever pays.
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="memberships")
    payer = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    state = models.CharField(
        max_length=10, default="pending"
    )  # rules/status.py: pending | active | ending | ended
    joined_on = models.DateField(null=True)
    anchor_on = models.DateField()
    override_months = models.SmallIntegerField(null=True)
    autopay = models.BooleanField(default=False)
    renewed_through = models.DateField(null=True)
    paid_through = models.DateField(null=True)
    next_bill_on = models.DateField(null=True)
    bill_from = models.DateTimeField(null=True)  # not before: a renewal date set into the past (P-13)
    cancel_on = models.DateField(null=True)
    ends_into = models.CharField(max_length=10, blank=True, default="", db_default="")  # '' | end | downgrade
    ended_on = models.DateField(null=True)  # the first day on which it is over
    ended_because = models.CharField(  # canceled | lapsed | downgraded | switched | over
        max_length=12, blank=True, default="", db_default=""
    )
    next_plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    trial_until = models.DateField(null=True)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    access_told = (
        models.CharField(  # full | limited | fallback | none, as the last event said; what is so is derived
            max_length=8, default="full", db_default="full"
        )
    )
    unpaid_since = models.DateField(null=True)
    created_at = models.DateTimeField()

    @property
    def paid_by(self) -> UUID:
        """Who is asked for what it costs: its payer, else its own party."""
        return self.payer_id or self.party_id

    @property
    def last_day(self) -> date | None:
        """The last day of an ending membership, as people read it (inclusive); None where it goes on."""
        return self.cancel_on - timedelta(days=1) if self.state == "ending" and self.cancel_on else None

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party"], name="one_current_membership_per_party", condition=~models.Q(state="ended")
            ),
            models.CheckConstraint(
                condition=models.Q(payer=None) | ~models.Q(payer=models.F("party")), name="payer_is_another"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "id"], name="membership_in_order"),
            models.Index(
                fields=["payer"], name="membership_by_payer", condition=models.Q(payer__isnull=False)
            ),
            models.Index(
                models.F("organization"),
                Coalesce("paid_through", date.min),
                models.F("party"),
                name="membership_by_paid",
            ),
            models.Index(
                fields=["organization", "next_bill_on"],
                name="membership_due",
                condition=models.Q(next_bill_on__isnull=False),
            ),
            models.Index(fields=["organization", "plan", "state"], name="membership_by_plan"),
            models.Index(
                fields=["organization", "access_told", "paid_through"],
                name="membership_access",
                condition=~models.Q(state="ended"),
            ),
            models.Index(
                fields=["organization", "unpaid_since"],
                name="membership_unpaid",
                condition=models.Q(unpaid_since__isnull=False),
            ),
            models.Index(
                fields=["organization", "cancel_on"],
                name="membership_ending",
                condition=models.Q(state="ending"),
            ),
            models.Index(
                fields=["organization", "bill_from"],
                name="membership_bill_from",
                condition=models.Q(bill_from__isnull=False),
            ),
            models.Index(  # prepaid ones end with their last term
                fields=["plan", "renewed_through"],
                name="membership_over",
                condition=models.Q(
                    state__in=["pending", "active"], next_plan=None, renewed_through__isnull=False
                ),
            ),
        ]


class Discount(Owned):
    """What takes something off the price of terms that begin on a local day in [from_on, until_on): for one party, or
    for everybody on a plan, or (`code`) for whoever gives the code, who then has one of their own (`coded`).

    `kind`: percentage (`rate_ppm`, millionths), amount (`amount_minor` of `currency` for one interval of the plan),
    complimentary (all of it), waiver (all of one item). `terms` is for how many of a party's terms (None: all).
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    coded = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=13)
    name = models.CharField(max_length=100)
    code = models.CharField(max_length=40, blank=True, default="")
    rate_ppm = models.IntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    terms = models.SmallIntegerField(null=True)
    why = models.CharField(max_length=300, blank=True, default="")
    given_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "organization", Upper("code"), name="one_discount_per_code", condition=~models.Q(code="")
            ),
            models.UniqueConstraint(
                fields=["party", "coded"],
                name="a_code_once_for_a_party",
                condition=models.Q(coded__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(rate_ppm__gte=0, rate_ppm__lte=1_000_000, amount_minor__gte=0),
                name="discount_takes_off",
            ),
            models.CheckConstraint(
                condition=models.Q(until_on=None) | models.Q(until_on__gte=models.F("from_on")),
                name="discount_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=models.Q(code="") | models.Q(party=None), name="a_code_is_nobodys_own"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "id"], name="discount_in_order"),
            models.Index(
                fields=["organization"],
                name="discount_of_everybody",
                condition=models.Q(party__isnull=True, code=""),
            ),
        ]


class JoinLink(Owned):
    """An address at which anybody can sign up for a plan (P-26). It is public: the token is no secret."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="join_links")
    token = models.CharField(max_length=32, unique=True)
    enabled = models.BooleanField(default=True)
    expires_on = models.DateField(null=True)  # the last local date on which it works
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()


class SignUp(Owned):
    """Somebody who asked to join through a link. The way on is mailed to them, so that an address is theirs before
    anything is saved or charged, and nobody learns whose addresses are known.

    Only the hash of the way's token is kept; it works until `until`. `place` stands for where the request came from (a
    hash), `counted_at` is the database's instant: both are for limits only. `party` and `membership` are what came of
    it.
    """

    link = models.ForeignKey(JoinLink, on_delete=models.PROTECT, related_name="sign_ups", db_index=False)
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=450)
    email = models.CharField(max_length=254)
    place = models.CharField(max_length=64)
    language = models.CharField(max_length=10, default="", db_default="", blank=True)  # of the page, a code
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    counted_at = models.DateTimeField(db_default=Now())
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["link", "key"], name="one_sign_up_per_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "counted_at"], name="sign_up_counted"),
        ]


class BillingCycle(Owned):
    """The customer types that a run bills (I-06)."""

    name = models.CharField(max_length=100)
    types = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_billing_cycle_per_name"),
        ]


class BillingRun(Owned):
    """A renewal run: previewed, then committed as previewed, by any number of workers.

    `basis_digest` stands for the policies, plans and fees that the preview was made with, `preview_token` for the
    preview that staff read. `first_number` is the first of the invoice numbers reserved at commit. States:
    rules/runs.py.
    """

    name = models.CharField(max_length=120)
    billing_type = models.CharField(max_length=20, default="renewals")
    billing_cycle = models.ForeignKey(BillingCycle, on_delete=models.PROTECT, null=True, related_name="+")
    bill_on = models.DateField()
    effective_on = models.DateField()
    autopay_only = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default="previewing")
    kind = models.CharField(max_length=10, default="staff")  # staff | automatic
    basis_digest = models.CharField(max_length=64, blank=True)
    preview_token = models.UUIDField(null=True)
    candidates = models.IntegerField(default=0)
    billed = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    done = models.IntegerField(default=0)
    first_number = models.BigIntegerField(null=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="+")
    failure = models.TextField(blank=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    committed_by = models.CharField(max_length=200, blank=True)
    committed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_run_per_name"),
        ]


class RunItem(Owned):
    """A run's proposal for one membership: the term, its priced lines and why; or the reason it is left out.

    `payer_id` is who is billed instead of the party, where somebody else pays (C-25).
    `facts_digest` stands for what the decision was made from; at commit it must still be the same.
    `ordinal` counts the billed ones from 0 in the order of members, and gives the invoice number. From `gap_on` to the
    day before the term nothing was billed and nothing is.
    """

    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="items", db_index=False)
    seq = models.IntegerField()
    membership_id = models.UUIDField()
    party_id = models.UUIDField()
    payer_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=20, blank=True)  # '' = billed
    detail = models.CharField(max_length=300)
    start_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    gap_on = models.DateField(null=True)
    total_minor = models.BigIntegerField(default=0)
    ordinal = models.IntegerField(null=True)
    lines = models.JSONField(null=True)
    facts_digest = models.UUIDField()
    outcome = models.CharField(max_length=10, blank=True)  # '' | refused

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "seq"], name="one_item_per_place"),
            models.UniqueConstraint(fields=["run", "membership_id"], name="one_item_per_membership"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run"], name="item_after_a_gap", condition=models.Q(gap_on__isnull=False)),
        ]


class RunChunk(Owned):
    """A slice of a run's items, written in one transaction by whichever worker locks it first."""

    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="chunks", db_index=False)
    first_seq = models.IntegerField()
    last_seq = models.IntegerField()
    done = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "first_seq"], name="one_chunk_per_place"),
        ]


class Term(Owned):
    """A period [start_on, end_on) of a membership, billed once.

    `source` says how it came to be: join, renewal, run, switch, trial, import (a period paid before Paidthru), external
    (marked paid). `paid_on` is the local date from which the term counts as paid, by the policy that was in force.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="terms")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", db_index=False)
    start_on = models.DateField()
    end_on = models.DateField()
    amount_minor = models.BigIntegerField()
    source = models.CharField(max_length=10)
    run_id = models.UUIDField(null=True)
    paid_on = models.DateField(null=True)
    canceled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["membership", "start_on"],
                name="one_term_per_start",
                condition=models.Q(canceled=False),
            ),
            models.CheckConstraint(condition=models.Q(end_on__gt=models.F("start_on")), name="term_has_days"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(  # how many renewed is counted without a look at the rows
                fields=["organization", "membership"],
                include=["start_on", "end_on", "source"],
                name="term_paid",
                condition=models.Q(paid_on__isnull=False, canceled=False),
            ),
        ]
