"""Tables of the invoicing room."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now, Upper

from paidthru.ledger.models import Batch
from paidthru.organizations.models import OrganizationBrand, Owned
from paidthru.people.models import Party


class Tax(Owned):
    """A tax that lines may bear, on top of their amounts or inside them. Its rates say from which day each holds."""

    name = models.CharField(max_length=60)
    inclusive = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_tax_per_name"),
        ]


class TaxRate(Owned):
    """What a tax is from a local date on, until its next rate: in millionths, `rules/tax.py`. Never changed once it has
    been used; a new one begins on a later day."""

    tax = models.ForeignKey(Tax, on_delete=models.PROTECT, related_name="rates")
    valid_from = models.DateField()
    rate_ppm = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tax", "valid_from"], name="one_tax_rate_per_day"),
            models.CheckConstraint(
                condition=models.Q(rate_ppm__gte=0, rate_ppm__lte=1_000_000), name="tax_rate_within_whole"
            ),
        ]


class Receivable(Owned):
    """What is owed, once: this source (a membership), this fee, this period [period_start, period_end).

    `balance_minor` is what is still open; the ledger says the same (an invariant compares them). `basis` and
    `income_code` are fixed at billing, so that later settings never touch what was billed (field-notes D.3).
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)  # dues
    source_id = models.UUIDField()
    fee_id = models.UUIDField()
    period_start = models.DateField()
    period_end = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    written_off_minor = models.BigIntegerField(db_default=0)  # given up, and not recovered since
    due_on = models.DateField()
    position = models.SmallIntegerField(default=0)
    is_primary = models.BooleanField(default=True)
    voluntary = models.BooleanField(default=False)
    basis = models.CharField(max_length=8)  # accrual | cash
    deferred = models.BooleanField(default=False)
    income_code = models.CharField(max_length=60)
    fund = models.CharField(
        max_length=60, blank=True, db_default=""
    )  # what the money is for, in reports (C-19)
    state = models.CharField(max_length=12, default="open")  # open | settled | written_off | void | canceled
    # The tax of another receivable, at a rate: booked to Tax, and moved along with it (rules/tax.py).
    tax_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="taxes", db_index=False
    )
    tax_rate = models.ForeignKey(
        TaxRate, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source_id", "fee_id", "period_start"],
                name="owed_once",
                condition=~models.Q(state="canceled"),
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0)
                & models.Q(balance_minor__lte=models.F("amount_minor")),
                name="balance_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(written_off_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("balance_minor") + models.F("written_off_minor")),
                name="written_off_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_of__isnull=True, tax_rate__isnull=True)
                | models.Q(tax_of__isnull=False, tax_rate__isnull=False, income_code="Tax", deferred=False),
                name="tax_has_a_rate",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["party", "due_on"], name="receivable_open", condition=models.Q(state="open")
            ),
            models.Index(fields=["source_id"], name="receivable_open_of", condition=models.Q(state="open")),
            models.Index(
                fields=["tax_of"], name="receivable_of_tax", condition=models.Q(tax_of__isnull=False)
            ),
        ]


class RecurringInvoice(Owned):
    """An invoice that staff wrote and that comes again every so often, on the day of the month of `starts_on` (A-11).

    `lines` are kept as they were written (`rules/writing.py`). The n-th (from 0) is billed n intervals after
    `starts_on`, and due `due_days` later; `made` are there, the next comes on `next_on` (none: it has ended). The last
    one comes on `ends_on` or before. While it is paused nothing is made; what fell into the pause is left out.
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    lines = models.JSONField()
    interval_count = models.SmallIntegerField()
    interval_unit = models.CharField(max_length=10)
    starts_on = models.DateField()
    next_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    due_days = models.SmallIntegerField()
    made = models.IntegerField(default=0)
    as_draft = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(interval_count__gt=0, due_days__gte=0), name="recurring_goes_on"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on"],
                name="recurring_due",
                condition=models.Q(next_on__isnull=False, paused_at__isnull=True),
            ),
        ]


class Invoice(Owned):
    """A document that asks for receivables. Numbers are gapless, given at issue; drafts have none.

    `label` is what people read for the number: the number itself, or what the organization's series makes of it
    (policy `invoice.numbering`); "" while there is no number.

    A draft is what somebody wrote, in `written` (`rules/writing.py`): nothing is owed or booked yet. It is sent by
    hand, or by itself on `send_on`; one that is discarded is void and never had a number. `recurring` and `recurrence`
    (from 0) say of which recurring invoice it came.

    A receivable may stand on several, one of them live. `first` is the first document of a chain: each try of a payment
    asks with a new one (X4), dated like the first. `awaits_reissue` marks the last of a chain between two tries: it is
    closed, what it asked for is owed, and the next try makes the next document. `due_on` is the first one's, so that
    what is owed is aged from there (A2-16).
    """

    number = models.BigIntegerField(null=True)
    label = models.CharField(max_length=60, blank=True, db_default="")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, related_name="invoices", db_index=False
    )
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    state = models.CharField(max_length=14)  # rules/states.py
    kind = models.CharField(max_length=20)  # membership
    bill_on = models.DateField()
    due_on = models.DateField()
    run_id = models.UUIDField(null=True)
    first = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_because = models.CharField(max_length=20, blank=True, db_default="")  # rules/states.py
    awaits_reissue = models.BooleanField(db_default=False)
    written = models.JSONField(null=True)
    drafted_at = models.DateTimeField(null=True)
    send_on = models.DateField(null=True)
    recurring = models.ForeignKey(
        RecurringInvoice, on_delete=models.PROTECT, null=True, related_name="invoices", db_index=False
    )
    recurrence = models.IntegerField(null=True)
    sent_at = models.DateTimeField(null=True)  # last mailed to its payer

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_invoice_per_number"),
            models.UniqueConstraint(
                fields=["organization", "label"],
                name="one_invoice_per_label",
                condition=~models.Q(label=""),
            ),
            # Beyond the total it comes where a payment of a balance that was carried on is taken back.
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0), name="invoice_balance_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(awaits_reissue=False) | models.Q(state="closed", balance_minor=0),
                name="only_closed_awaits_reissue",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="draft", written__isnull=False, number__isnull=True, batch__isnull=True
                )
                | models.Q(state="void", written__isnull=True, number__isnull=True, send_on__isnull=True)
                | models.Q(
                    ~models.Q(state="draft"),
                    written__isnull=True,
                    batch__isnull=False,
                    number__isnull=False,
                    send_on__isnull=True,
                ),
                name="only_a_draft_is_written",
            ),
            models.UniqueConstraint(
                fields=["recurring", "recurrence"],
                name="each_recurrence_once",
                condition=models.Q(recurring__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "due_on"],
                name="invoice_due",
                condition=models.Q(state="sent", balance_minor__gt=0) | models.Q(awaits_reissue=True),
            ),
            models.Index(fields=["organization", "bill_on", "id"], name="invoice_by_billing"),
            models.Index("organization", Upper("label"), name="invoice_by_label"),
            models.Index(  # what is asked for: few, beside all that were ever paid
                fields=["organization"],
                name="invoice_asking",
                condition=models.Q(state="sent") | models.Q(awaits_reissue=True),
            ),
            models.Index(
                fields=["organization", "send_on"],
                name="draft_due",
                condition=models.Q(send_on__isnull=False),
            ),
            models.Index(fields=["first"], name="invoice_of_chain", condition=models.Q(first__isnull=False)),
            models.Index(fields=["run_id"], name="invoice_of_run", condition=models.Q(run_id__isnull=False)),
        ]

    @property
    def named(self) -> int | str | None:
        """The number as events keep it: a whole number while people read no more than that, else the label."""
        return named(self.number, self.label)


def named(number: int | None, label: str) -> int | str | None:
    """An invoice's number as events keep it: a whole number while people read no more than that, else the label."""
    return label if label and label != str(number) else number


def names_of(invoices: models.QuerySet[Invoice]) -> list[int | str]:
    """What events keep of issued invoices' numbers, in their order (`named`)."""
    found = invoices.filter(number__isnull=False).values_list("number", "label")
    return [one for one in (named(*row) for row in found) if one is not None]


class NumberStretch(Owned):
    """From which invoice number on, until the next row, labels are made how (`rules/numbering.py`). None while
    invoices are read by their numbers."""

    first_number = models.BigIntegerField()
    prefix = models.CharField(max_length=60, blank=True)
    width = models.SmallIntegerField()
    first_value = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "first_number"], name="one_stretch_per_number"),
        ]


class Line(Owned):
    """A line of an invoice, with the derivation of its amount (rule, inputs, steps, a sentence)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    description = models.CharField(max_length=300)
    quantity = models.IntegerField(default=1)
    unit_amount_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    derivation = models.JSONField()


class PayLink(Owned):
    """A link by which whoever has it pays one invoice, signed out (A-16). Its token is signed and kept nowhere
    (`queries.pay_token`); it works until it is revoked, whatever becomes of the invoice (X26)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="pay_links")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["invoice"], name="one_pay_link_per_invoice", condition=models.Q(revoked_at=None)
            ),
        ]


class CreditNote(Owned):
    """A document that takes back an invoice or a part of it (minor units); issued, it never changes (I-34)."""

    number = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    issued_on = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    issued_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_credit_note_per_number"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="credit_note_takes_back"),
        ]


class CreditNoteLine(Owned):
    """The part of a credit note that lowers one receivable (minor units)."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()


class IssuedDocument(Owned):
    """Who a document was for and whose it was, as they were when it was issued: what stands in other tables about it
    never changes, names and addresses do (docs/decisions/0027). Its id is that of the invoice, credit note or payment.

    `facts` has `payer` (name, number, address, country, language) and `issuer` (name, locale, zone, sandbox), a
    receipt's also what the payment was used for (`parts`). `brand` is the letterhead. Never changed.
    """

    kind = models.CharField(max_length=12)  # invoice | credit note | receipt
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    brand = models.ForeignKey(
        OrganizationBrand, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    facts = models.JSONField()
    frozen_at = models.DateTimeField(db_default=Now())
